"""The words dates are made of: months, zones, relative days, in English and Chinese (and a few neighbours)."""

from __future__ import annotations

import re
from datetime import timedelta

_MONTHS = (
    "january jan 一月 1月 janvier januar enero gennaio janeiro januari ene gen janv jän",
    "february feb 二月 2月 février fevrier februar febrero febbraio fevereiro februari févr fév",
    "march mar 三月 3月 mars märz marzo março maart mär mrt",
    "april apr 四月 4月 avril abril aprile avr abr",
    "may 五月 5月 mai mayo maggio maio mei mag",
    "june jun 六月 6月 juin juni junio giugno junho giu",
    "july jul 七月 7月 juillet juli julio luglio julho juil lug",
    "august aug 八月 8月 août aout agosto augustus ago",
    "september sep sept 九月 9月 septembre septiembre settembre setembro set",
    "october oct 十月 10月 octobre oktober octubre ottobre outubro okt ott out",
    "november nov 十一月 11月 novembre noviembre novembro",
    "december dec 十二月 12月 décembre decembre dezember diciembre dicembre dezembro déc dez dic",
)
MONTHS = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}

WEEKDAYS = re.compile(
    r"(?:星期|周|週|礼拜)[一二三四五六日天](?![一-鿿])"
    r"|\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?"
    r"|\b(?:lun|mar|mer|jeu|ven|sam|dim|mo|di|mi|do|fr|sa|so)\.,",
    re.I,
)

# Offsets in minutes. CST is missing on purpose: it is the source's own when that has a CST, else US Central.
ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "akst": -540, "akdt": -480, "hst": -600, "ast": -240, "adt": -180, "nst": -210, "ndt": -150,
    "bst": 60, "ist": 330, "west": 60, "cet": 60, "mez": 60, "cest": 120, "mest": 120, "mesz": 120, "met": 60,
    "eet": 120, "eest": 180, "msk": 180, "msd": 240, "sast": 120, "pkt": 300, "ict": 420, "wib": 420,
    "bjt": 480, "hkt": 480, "sgt": 480, "awst": 480, "pht": 480, "myt": 480,
    "jst": 540, "kst": 540, "acst": 570, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
    "北京时间": 480, "北京": 480, "et": -300, "ct": -360, "mt": -420, "pt": -480,
}  # fmt: skip

_UNITS = {
    "秒": timedelta(seconds=1),
    "秒钟": timedelta(seconds=1),
    "second": timedelta(seconds=1),
    "sec": timedelta(seconds=1),
    "分": timedelta(minutes=1),
    "分钟": timedelta(minutes=1),
    "minute": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "小时": timedelta(hours=1),
    "个小时": timedelta(hours=1),
    "钟头": timedelta(hours=1),
    "hour": timedelta(hours=1),
    "hr": timedelta(hours=1),
    "天": timedelta(days=1),
    "日": timedelta(days=1),
    "day": timedelta(days=1),
    "周": timedelta(weeks=1),
    "星期": timedelta(weeks=1),
    "week": timedelta(weeks=1),
}
_NUMBERS = {
    "一": 1,
    "两": 2,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
    "a": 1,
    "an": 1,
}
AGO = re.compile(
    r"(?P<n>\d{1,4}|半|[一两二三四五六七八九十]|an?)\s*(?P<unit>个?小时|钟头|分钟?|秒钟?|天|日|周|星期"
    r"|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?)\s*(?:之?前|以前|ago)",
    re.I,
)
DAYS_BACK = {"今天": 0, "今日": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2, "前日": 2}
JUST_NOW = frozenset({"刚刚", "刚才", "just now", "now"})


def span_ago(found: re.Match[str]) -> tuple[timedelta, bool]:
    """The span of an AGO match, and whether it is whole days (so that no time of day is known)."""
    word = found["n"].lower()
    unit = _UNITS.get(found["unit"].lower()) or _UNITS[found["unit"].lower().rstrip("s")]
    span = unit / 2 if word == "半" else unit * (_NUMBERS.get(word) or int(word))
    return span, unit >= timedelta(days=1)
