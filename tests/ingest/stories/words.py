"""Sentences with gaps from which the labelled texts are made; all our own."""

# ruff: noqa: E501
from __future__ import annotations

SLOTS: dict[str, dict[str, list[str]]] = {
    "zh": {
        "place": "雁峰区 石鼓区 珠晖区 蒸湘区 南岳区 衡阳县 衡南县 衡山县 衡东县 祁东县 常宁市 耒阳市".split(),
        "street": "解放路 船山大道 蒸阳路 华新大道 湘江路 环城北路 中山路 雁城路 先锋路 蔡伦大道".split(),
        "name": "李建平 王秀兰 刘志强 陈晓红 周海涛 黄丽萍 何俊杰 罗文斌 邓小燕 谭国庆 肖玉珍 彭立新".split(),
        "body": "市文旅广电局 市教育局 市卫健委 市农业农村局 市交通运输局 市住建局 市生态环境局 市商务局 市人社局".split(),
        "thing": "油菜花节 农民丰收节 龙舟赛 读书月 招聘会 非遗展 科普周 马拉松 美食节 茶油博览会 春季植树 消防演练".split(),
        "crop": "油茶 水稻 黄花菜 湘莲 生猪 蔬菜 柑橘 烤烟 茶叶 油菜".split(),
        "sky": "晴 多云 阴 小雨 中雨 阵雨 雷阵雨 大雨".split(),
        "wind": "北风二到三级 南风一到二级 东北风三级 微风 偏北风四级".split(),
    },
    "en": {
        "place": [
            "Yanfeng District",
            "Shigu District",
            "Zhuhui District",
            "Zhengxiang District",
            "Nanyue District",
            "Hengyang County",
            "Hengnan County",
            "Hengshan County",
            "Qidong County",
            "Changning",
            "Leiyang",
        ],
        "street": "Jiefang Road,Chuanshan Avenue,Zhengyang Road,Huaxin Avenue,Xiangjiang Road,Zhongshan Road".split(
            ","
        ),
        "name": "Li Jianping,Wang Xiulan,Liu Zhiqiang,Chen Xiaohong,Zhou Haitao,Huang Liping,He Junjie,Luo Wenbin".split(
            ","
        ),
        "body": [
            "the culture and tourism bureau",
            "the education bureau",
            "the health commission",
            "the transport bureau",
            "the agriculture bureau",
            "the housing bureau",
            "the environment bureau",
            "the commerce bureau",
        ],
        "thing": [
            "rapeseed flower festival",
            "harvest festival",
            "dragon boat race",
            "reading month",
            "job fair",
            "craft exhibition",
            "science week",
            "marathon",
            "food festival",
            "tea oil fair",
            "tree planting drive",
        ],
        "crop": "camellia,rice,daylily,lotus,pork,vegetables,oranges,tobacco,tea,rapeseed".split(","),
        "sky": "sunny,cloudy,overcast,light rain,moderate rain,showers,thunderstorms,heavy rain".split(","),
        "wind": "north winds of force 3,south winds of force 2,gentle winds,northeast winds of force 4".split(","),
    },
}

TITLES: dict[str, list[str]] = {
    "zh": [
        "{place}举办{thing}",
        "{thing}在{place}开幕",
        "{place}{thing}吸引{n}人参加",
        "{body}到{place}调研{crop}产业",
        "{place}{crop}喜获丰收",
    ],
    "en": [
        "{place} holds {thing}",
        "{thing} opens in {place}",
        "{n} people join {thing} in {place}",
        "Officials look into {crop} growing in {place}",
        "Good year for {crop} in {place}",
    ],
}

# The first sentence says what the title says.
OPENINGS: dict[str, list[str]] = {
    "zh": [
        "{d}日，{place}{thing}在{street}拉开帷幕，{n}名群众到场参加。",
        "为推动{crop}产业发展，{place}于{d}日举办{thing}，吸引{n}人参加。",
    ],
    "en": [
        "The {thing} opened on {street} in {place} on the {d}th, and {n} people came.",
        "To help {crop} growers, {place} held its {thing} on the {d}th, drawing {n} people.",
    ],
}

BODY: dict[str, list[str]] = {
    "zh": [
        "活动由{body}主办，{body2}协办，为期{k}天。",
        "现场设置了{k}个展区，集中展示当地{crop}等特色产品。",
        "“没想到这么热闹，我一大早就带着孩子赶来了。”家住{street}的市民{name}说。",
        "据统计，当天共签约项目{k}个，总金额{m}万元。",
        "{place}副区长{name}在致辞中表示，将继续完善基础设施，让群众得到更多实惠。",
        "近年来，{place}{crop}种植面积达到{m}亩，带动{n}户农户增收。",
        "种植大户{name}告诉记者，今年{crop}长势良好，预计亩产可达{m}斤。",
        "为保障活动安全，公安、医疗等部门安排了{k}名工作人员值守。",
        "{body}负责人{name}介绍，下一步将把{thing}办成有影响的品牌。",
        "当地还推出了{k}条旅游线路，串联起沿线的古村落和田园风光。",
        "志愿者{name}负责引导车辆，他说一天要走{n}步。",
        "今年以来，全区新增就业{n}人，完成年度任务的{k}%。",
        "记者在{street}看到，道路两旁挂起了灯笼，商铺早早开门迎客。",
        "主办方还邀请了{k}位专家现场讲解，为农户答疑解惑。",
        "与往年相比，今年的{thing}增加了线上直播，累计观看{n}人次。",
        "返乡青年{name}的直播间当天售出{crop}{n}单。",
        "活动期间，{street}部分路段实行交通管制，公交{k}路临时绕行。",
        "学生{name}把自己写的诗贴在展板上，引来不少人拍照。",
        "按照计划，二期工程将于{k}月底完工，届时可新增车位{n}个。",
        "老党员{name}拿出珍藏{k}年的照片，给孩子们讲过去的故事。",
    ],
    "en": [
        "It is run by {body} with the help of {body2} and lasts {k} days.",
        "There were {k} stands with {crop} and other products of the area.",
        "“I never thought it would be this lively, so I came early with my child,” said {name}, who lives on {street}.",
        "On the first day {k} projects worth {m} million yuan were signed.",
        "{name}, deputy head of {place}, said that roads and water would be improved so that people gain more from it.",
        "In recent years {place} has planted {m} hectares of {crop}, which gives {n} families a better income.",
        "{name}, a large grower, said the {crop} stood well this year and he hoped for {m} kilograms a row.",
        "For safety {k} police officers and doctors were on duty.",
        "{name} of {body} said that the {thing} would be made known far beyond the province.",
        "There are also {k} new routes that lead past old villages and fields.",
        "{name}, a volunteer who shows cars the way, said she walks {n} steps a day.",
        "Since January {n} people have found work here, {k} percent of the yearly goal.",
        "Along {street} lanterns hung on both sides and shops opened before dawn.",
        "The hosts had invited {k} experts who answered the questions of farmers.",
        "Unlike in former years the {thing} was also shown online, and {n} people watched.",
        "{name}, who came back from the coast, sold {n} parcels of {crop} in her broadcast that day.",
        "Parts of {street} are closed meanwhile, and bus {k} takes another way.",
        "{name}, a pupil, pinned up a poem of her own, and many took pictures of it.",
        "The second part will be done by the end of month {k} and will have {n} parking places.",
        "{name}, who is past eighty, brought photos that he had kept for {k} years and told children of those days.",
    ],
}

WEATHER: dict[str, tuple[str, str]] = {
    "zh": (
        "{place}天气预报",
        "据市气象台预报，{place}今天白天到晚上{sky}，最高气温{t}度，最低气温{u}度，{wind}。明天{sky2}，气温变化不大。请市民出行注意安全，"
        "及时增减衣物。森林火险等级为{k}级，请注意野外用火。未来三天以{sky3}为主，农户可抓住时机开展田间管理。",
    ),
    "en": (
        "Weather in {place}",
        "The city's weather station expects {sky} in {place} today, with a high of {t} and a low of {u} degrees and {wind}. Tomorrow will "
        "bring {sky2}, and temperatures will hardly change. People should take care on the roads and dress for the weather. The danger "
        "of forest fires is at level {k}. The next three days will mostly see {sky3}, so farmers may go on with work in the fields.",
    ),
}

NOTICE: dict[str, tuple[str, str]] = {
    "zh": (
        "关于{place}{street}停水的通知",
        "尊敬的用户：因{street}供水管网改造施工，{place}部分区域将暂停供水，施工期间请用户提前做好储水准备，关闭用水设备阀门。恢复供水后，"
        "初期水质可能出现浑浊，请放水片刻后再使用。如遇雨天施工顺延，不便之处敬请谅解。如有疑问，请拨打供水服务热线咨询，"
        "我们将竭诚为您服务。特此通知。",
    ),
    "en": (
        "No water on {street} in {place}",
        "Dear users: pipes under {street} are being renewed, so parts of {place} will be without water for some hours. Please store what "
        "you need beforehand and close all taps. When the water comes back it may be cloudy at first; let it run for a while before use. "
        "If it rains the work is put off. We ask for your patience. If you have questions, call the water service line at any time.",
    ),
}

BRIEFING: dict[str, tuple[str, str]] = {
    "zh": (
        "市政府召开{thing}新闻发布会",
        "{d}日，市政府新闻办举行新闻发布会，市政府副秘书长、新闻发言人主持会议，各新闻媒体记者参加。会上首先介绍了有关情况，"
        "随后发布人回答了记者提问。发布会通过网络平台同步直播，欢迎社会各界关注和监督。",
    ),
    "en": (
        "Press briefing on the {thing}",
        "The information office of the city held a press briefing on the {d}th, chaired by the deputy secretary-general and spokesman, with "
        "reporters of all media in the room. First the facts were laid out, then questions were answered. The briefing was shown live on "
        "the network, and everybody is invited to follow it.",
    ),
}

BOILERPLATE: dict[str, str] = {
    "zh": "您的浏览器版本过低，无法正常显示本页内容，请升级浏览器后重试。版权声明：凡本网注明来源的作品，均转载自其它媒体，转载目的在于传递更多信息，"
    "并不代表本网赞同其观点和对其真实性负责。如涉及作品内容、版权和其它问题，请在三十日内与本网联系，我们将在第一时间删除内容。",
    "en": "Your browser is too old to show this page; please update it and try again. Copyright: works that name another source are taken from "
    "other media in order to pass on information, which does not mean that we agree with them or vouch for them. If you have questions "
    "about content or rights, write to us within thirty days and we will take the work down at once.",
}

SYNONYMS: dict[str, list[tuple[str, str]]] = {
    "zh": [
        ("当地", "本地"),
        ("告诉记者", "说"),
        ("吸引", "引来"),
        ("表示", "指出"),
        ("据统计", "经统计"),
        ("近年来", "这些年"),
    ],
    "en": [
        (" said ", " stated "),
        ("There were", "There stood"),
        ("in recent years", "of late"),
        ("many took", "lots took"),
    ],
}
