"""Headlines of the hard pages: long ones, short ones, with dates, figures, marks and Latin letters in them."""

from __future__ import annotations

import random

_PLACES = "青山县 白鹤镇 云溪街道 老城区 松江新区 东湖村 石桥社区 河口管委会".split()
_OFFICES = "人社局 市场监管所 财政局 气象台 住建局 审计局 应急办 水利站 卫生院 图书馆".split()
_FORMS = (
    "关于{y}年{m}月{d}日至{e}日部分路段封闭施工的通告",
    "{p}{o}关于公布第{e}批行政许可事项清单的通知",
    "{o}：把好入口关，守住“米袋子”",
    "我县新增{e}家省级专精特新企业",
    "{p}“一窗通办”让群众少跑腿",
    "{y}年度{o}部门预算公开",
    "{p}党委书记一行到{o}走访",
    "人事任免",
    "停电公告",
    "政府信息公开指南（{y}版）",
    "{p}国有建设用地使用权挂牌出让公告（{y}-{e}号）",
    "《{p}消防管理办法》政策解读",
    "{m}月CPI同比上涨0.{e}%，{o}答记者问",
    "一图读懂|{p}{o}今年要做这些事",
    "今年前{m}个月全县外贸进出口总值达{e}.{d}亿元，同比增长{m}.{d}%，增速居全市前列，呈现稳中向好、进中提质的良好态势",
    "{p}开展5·12防灾减灾宣传周活动",
    "{p}中学2026届新生录取名单公示",
    "冬日暖阳下的{p}",
    "{o}召开2026-2030年规划编制座谈会",
    "{p}创建全国文明城市 我们在行动",
)
_ENGLISH = (
    "Old quarter of {p} gets new lamps",
    "Spring tea from {p} sold abroad",
    "Notice on Road Works, {m} to {e} May",
    "{o} opens its doors to {e} students",
    "Mayor meets guests",
    "Measures for the Administration of Inland Fishing Boats in {p} (Trial)",
    "Why {p} is planting {e},000 trees: five questions answered",
    "{p} ranks {m}th in province's 2026 green index",
    "Rice harvest ends early",
    "How to apply for a residence permit in {p}",
    '"Night of Lanterns" lights up {p}\'s riverside',
    "Investment guide {y}: {o}",
)
_EN_PLACES = "Qingshan|Baihe Town|Yunxi|the Old Port|Songjiang New District|Stonebridge".split("|")
_EN_OFFICES = "The county library|A water museum|The tax bureau|Vocational college|The weather station".split("|")
_TW_FORMS = (
    "{p}公所辦理{y}年度補助申請公告",
    "歡迎參加第{e}屆{p}藝文季系列活動",
    "{m}月{d}日停水通知，請民眾預先儲水",
    "{p}圖書館閉館整修暫停服務",
    "轉知：衛生局提醒民眾接種疫苗",
    "{y}年第{e}次約僱人員甄選簡章",
)
_TW_PLACES = "松江鄉 溪頭鎮 北門里 大坪國小 東勢社區".split()


def title_in(tongue: str, dice: random.Random) -> str:
    """A headline in a language."""
    forms, places, offices = {
        "zh": (_FORMS, _PLACES, _OFFICES),
        "en": (_ENGLISH, _EN_PLACES, _EN_OFFICES),
        "tw": (_TW_FORMS, _TW_PLACES, _TW_PLACES),
    }[tongue]
    words = {"p": dice.choice(places), "o": dice.choice(offices)}
    figures = {
        "y": dice.randint(2023, 2026),
        "m": dice.randint(2, 11),
        "d": dice.randint(1, 9),
        "e": dice.randint(10, 28),
    }
    return dice.choice(forms).format(**words, **figures)
