"""Texts labelled honest or garbled: sentences written for this set, and what wrong charsets make of them."""

from __future__ import annotations

from collections.abc import Iterator

SIMPLIFIED = (
    "衡阳市召开重点工作推进会",
    "石鼓书院举行国学讲座，市民踊跃参加",
    "“船山文化节”在南岳开幕：千余名学者到场",
    "市人大常委会副主任调研乡村振兴工作",
    "今年一季度全市GDP同比增长6.5%",
    "关于印发《衡阳市城市管理条例》的通知",
    "我市新增高新技术企业120家",
    "暴雨黄色预警",
    "蔡伦竹海旅游区免费开放",
    "记者从市教育局获悉，秋季学期中小学将于9月1日开学，各校已做好准备工作。",
    "昨日，气温38℃，部分地区可达40°C以上",
)
TRADITIONAL = (
    "衡陽市召開重點工作推進會",
    "石鼓書院舉行國學講座，市民踴躍參加",
    "「船山文化節」在南嶽開幕：千餘名學者到場",
    "香港特區政府公布最新失業率",
    "颱風逼近，臺北市宣布停班停課",
)
WESTERN = (
    "Mayor meets delegation from São Paulo",
    "Café au lait, s'il vous plaît: l'été à Nîmes",
    "„Straßenfest“ in Köln – größer als je zuvor",
    "L’Académie française élit son président…",
    "«Voilà passé…» dit-il, «l’idée…»",
    "Où est-il ? À Évry, à côté d’Orléans.",
    "A Administração pública: ação, coração e MANHÃ”",
    "Zażółć gęślą jaźń – Łódź, Kraków",
    "Temperatures reach 38°C (100°F) in Hunan",
    "∀x∈ℝ: x² ≥ 0 ⇒ √x² = |x|, α ± β × γ ÷ 2 ≠ ½",
    "Price: £100, ©2024 ®™ §5 ¶ 3",
    "Съешь ещё этих мягких французских булок да выпей чаю",
    "ÄÖÜ äöü ß – ÄRZTE UND ÖKONOMEN FÜR „SPAẞ“",
    "São João – 5ª edição, 2º andar, nº 3",
    "Hengyang’s “Stone Drum” academy — free of charge",
)
HONEST = (
    *SIMPLIFIED, *TRADITIONAL, *WESTERN,
    "衡阳", "简讯", "怎么办????", "真的吗？？？？？？", "鑫淼公司董事长李喆赴衡洽谈项目", "嘅咗係唔啲佢哋話今日落雨",
    "¡Hola! ¿Qué tal, señor Núñez?", "¡¿Qué pasó?!", "Angle: 45° 30′ N, 112°36′E", "Really????", "What? Why?? Who???",
    "МОСКВА. ВСТРЕЧА МИНИСТРОВ ИНОСТРАННЫХ ДЕЛ СТРАН БРИКС", "Η Αθήνα είναι η πρωτεύουσα της Ελλάδας",
    "Tiếng Việt: Thủ tướng gặp gỡ cử tri Đà Nẵng", "Þetta er íslenska, það er öðruvísi",
    "İstanbul'da güneşli ve sıcak bir gün; çok güzel şehir", "»»»» Read more ««««", "★★★★☆ 4/5 – “very good”",
    "経済産業省は新たな支援策を発表した", "東京都で気温が35度を超えた", "한국 정부는 새로운 정책을 발표했다",
    "ประเทศไทยประกาศนโยบายใหม่", "नई दिल्ली में बैठक", "مؤتمر صحفي في القاهرة اليوم", "ירושלים היא עיר הבירה",
    "Hengyang: a city of 7.3 million", "Příliš žluťoučký kůň úpěl ďábelské ódy", "naïve façade; Brontë’s “Jane Eyre”",
    "记者从会上获悉，全市今年将新建改建农村公路三百公里，惠及沿线群众十余万人，并同步完善安全设施。cut off here\ufffd",
)  # fmt: skip
SIGNS = (
    "Source£ºXinhua", "He said ¡°Yes¡±", "ˇ°Hello", "Title °°°° text", "Don¡¯t", "Don鈥檛 miss it", "Iâ€™m",
    "It’s â€œfine", "caf茅 cr猫me", "锟斤拷锟斤拷", "????????????", "????:???????????", "up to 38掳C",
    "会议 ???????? 在??????召开", "SÃ£o Paulo", "��������",
)  # fmt: skip


def garbled_texts() -> Iterator[tuple[str, str]]:
    """What was done to a text, and what came of it."""
    for text in SIMPLIFIED:
        yield from _misread(text, "gb18030", ("cp1252", "latin-1", "cp1250", "utf-8", "big5hkscs"))
    for text in TRADITIONAL:
        yield from _misread(text, "big5hkscs", ("cp1252", "utf-8", "gb18030"))
    for text in (*SIMPLIFIED, *TRADITIONAL):
        yield from _misread(text, "utf-8", ("cp1252", "latin-1", "cp1251", "gb18030", "big5hkscs"))
        yield "lost as question marks", text.encode("ascii", "replace").decode()
        yield "utf-8 twice over", _western(_western(text.encode(), "cp1252").encode(), "cp1252")
    for text in WESTERN:
        yield from _misread(text, "utf-8", ("cp1252",))
    for text in WESTERN[:6]:
        yield from _misread(text, "cp1252", ("utf-8",))
    yield from (("signs", text) for text in SIGNS)


def _misread(text: str, written: str, read: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    raw = text.encode(written)
    for codec in read:
        found = _western(raw, codec) if codec in ("cp1252", "latin-1") else raw.decode(codec, "replace")
        yield f"{written} read as {codec}", found


def _western(raw: bytes, codec: str) -> str:
    """As browsers read it: what windows-1252 leaves open is the control character of that number."""
    return "".join(
        chr(one) if codec == "latin-1" or one in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([one]).decode("cp1252")
        for one in raw
    )
