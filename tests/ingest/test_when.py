"""Dates as sources write them: every form that is read, every text that is none, and what is never invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.ingest.when import _read_any, _usual, read_date

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 1, 3, 4, 0, tzinfo=UTC)  # noon in Shanghai

SECONDS = {
    "2023-12-06 11:33:20": "2023-12-06T11:33:20+08:00",
    "2023/12/6 11:33:20": "2023-12-06T11:33:20+08:00",
    "2023.12.06 11:33": "2023-12-06T11:33:00+08:00",
    "2023年12月6日 11:33": "2023-12-06T11:33:00+08:00",
    "2023年12月06日 11时33分20秒": "2023-12-06T11:33:20+08:00",
    "2023年12月6日 星期三 下午3:05": "2023-12-06T15:05:00+08:00",
    "２０２３年１２月６日　１１：３３": "2023-12-06T11:33:00+08:00",
    "[2023-12-06 11:33]": "2023-12-06T11:33:00+08:00",
    "发布时间：2023-12-06 11:33": "2023-12-06T11:33:00+08:00",
    "2023-12-06T11:33:20": "2023-12-06T11:33:20+08:00",
    "2023-12-06T11:33:20Z": "2023-12-06T11:33:20+00:00",
    "2023-12-06T11:33:20.123456-05:00": "2023-12-06T11:33:20-05:00",
    "2023-12-06T11:33+0530": "2023-12-06T11:33:00+05:30",
    "2023-12-06T24:00:00+08:00": "2023-12-07T00:00:00+08:00",
    "2016-12-31T23:59:60Z": "2016-12-31T23:59:59+00:00",
    "20231206113320": "2023-12-06T11:33:20+08:00",
    "20231206T113320Z": "2023-12-06T11:33:20+00:00",
    "1701833600": "2023-12-06T11:33:20+08:00",
    "1701833600000": "2023-12-06T11:33:20+08:00",
    "Wed, 06 Dec 2023 11:33:20 +0800": "2023-12-06T11:33:20+08:00",
    "Wed, 6 Dec 2023 11:33:20": "2023-12-06T11:33:20+08:00",
    "Wed,06 Dec 2023 11:33:20 GMT+8": "2023-12-06T11:33:20+08:00",
    "Sat,16-Nov-2013 11:33:12 GMT": "2013-11-16T11:33:12+00:00",
    "06 Dec 23 11:33:20 +0800": "2023-12-06T11:33:20+08:00",
    "Fri, 1 Jan 99 00:00:00 GMT": "1999-01-01T00:00:00+00:00",
    "Wed Dec 06 11:33:20 CST 2023": "2023-12-06T11:33:20+08:00",
    "Tue, 31 Dec 2002 14:20:20 EST": "2002-12-31T14:20:20-05:00",
    "Dec 6, 2023 11:33:20 PM": "2023-12-06T23:33:20+08:00",
    "星期三, 06 十二月 2023 11:33:20 +0800": "2023-12-06T11:33:20+08:00",
    "Wed Dec 06 2023 11:33:20 GMT+0800 (China Standard Time)": "2023-12-06T11:33:20+08:00",
    "12/06 11:33": "2025-12-06T11:33:00+08:00",
    "3小时前": "2026-01-03T09:00:00+08:00",
    "半小时前": "2026-01-03T11:30:00+08:00",
    "5 minutes ago": "2026-01-03T11:55:00+08:00",
    "昨天 08:15": "2026-01-02T08:15:00+08:00",
    "前天23:59": "2026-01-01T23:59:00+08:00",
    "刚刚": "2026-01-03T12:00:00+08:00",
    "2999-01-01 00:00": "2999-01-01T00:00:00+08:00",
}
DAYS = {
    "2023-12-06": "2023-12-06",
    "(2023/12/06)": "2023-12-06",
    "2023-12-06Z": "2023-12-06",
    "20231206": "2023-12-06",
    "06-Dec-2023": "2023-12-06",
    "December 6th, 2023": "2023-12-06",
    "06.12.2023": "2023-12-06",
    "25/12/2023": "2023-12-25",
    "23-12-06": "2023-12-06",
    "12月31日": "2025-12-31",
    "1月2日": "2026-01-02",
    "【12-06】": "2025-12-06",
    "昨天": "2026-01-02",
    "3天前": "2025-12-31",
}
NONE = [
    "",
    "   ",
    "soon",
    "0000-00-00 00:00:00",
    "2023-02-30",
    "2023-13-01 10:00",
    "2023-12-06 25:00",
    "-001-01-01",
    "0001-01-01T00:00:00Z",
    "06/12/2023",  # December or June: nobody knows
    "2023",
    "2023-12",
    "11:33",
    "99999999999999999999",
    "Invalid Date",
    "NaN",
    "2023年13月6日",
]


@pytest.mark.parametrize(("text", "instant"), SECONDS.items())
def test_an_instant(text: str, instant: str) -> None:
    read = read_date(text, SHANGHAI, NOW)
    assert read is not None
    assert (read[0].isoformat(), read[1]) == (instant, "second")


@pytest.mark.parametrize(("text", "day"), DAYS.items())
def test_a_day(text: str, day: str) -> None:
    read = read_date(text, SHANGHAI, NOW)
    assert read is not None
    assert (read[0].date().isoformat(), read[0].time().isoformat(), read[1]) == (day, "00:00:00", "day")


@pytest.mark.parametrize("text", NONE)
def test_no_date_is_invented(text: str) -> None:
    assert read_date(text, SHANGHAI, NOW) is None


def test_a_time_without_a_zone_is_in_the_sources() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    winter, summer = (read_date(f"2023-{month}-06 11:33", berlin, NOW) for month in ("12", "07"))
    assert winter is not None and summer is not None
    assert (winter[0].isoformat(), summer[0].isoformat()) == ("2023-12-06T11:33:00+01:00", "2023-07-06T11:33:00+02:00")


def test_cst_is_what_the_source_means_by_it() -> None:
    for name, hours in (("Asia/Shanghai", 8), ("America/Chicago", -6), ("Europe/Paris", -6)):
        read = read_date("2023-12-06 11:33 CST", ZoneInfo(name), NOW)
        assert read is not None
        assert read[0].utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("reference", "text", "day"),
    [
        ("2026-01-03", "12月31日", "2025-12-31"),
        ("2026-01-03", "1月4日", "2026-01-04"),  # a source may be ahead of us by a day
        ("2026-01-03", "1月5日", "2025-01-05"),
        ("2025-12-31", "12月31日", "2025-12-31"),
        ("2025-12-31", "1月1日", "2026-01-01"),
        ("2026-03-01", "2月29日", "2024-02-29"),
    ],
)
def test_a_year_is_completed_across_new_year(reference: str, text: str, day: str) -> None:
    document_date = datetime.fromisoformat(reference + "T12:00:00+08:00")
    read = read_date(text, SHANGHAI, NOW + timedelta(days=400), document_date)
    assert read is not None
    assert read[0].date().isoformat() == day


@given(st.text(max_size=60) | st.text("0123456789年月日时分秒:-/. TZ+ADecCST前昨天小时", max_size=40))
def test_any_text_is_an_aware_instant_or_none(text: str) -> None:
    read = read_date(text, SHANGHAI, NOW)
    assert read is None or (read[0].utcoffset() is not None and read[0].microsecond == 0)


@given(
    st.datetimes(datetime(1890, 1, 1), datetime(2100, 1, 1)),
    st.sampled_from(("GMT", "Z", "+0000", "-0000", "+0800", "-0330", "+1400", "+1401", "+0099")),
    st.sampled_from(("%H:%M:%S", "24:00:00", "08:00:60", "08:00:61")),
    st.sampled_from(("%a, %d %b", "%d %b", "30 Feb", "00 Jan", "Foo, %d %b")),
)
def test_what_most_feeds_write_is_read_the_same_the_quick_way(moment: datetime, zone: str, time: str, day: str) -> None:
    colon = f"{zone[:3]}:{zone[3:]}" if len(zone) == 5 else zone
    texts = (moment.strftime(f"{day} %Y {time} {zone}"), moment.strftime(f"%Y-%m-%dT{time}{colon}"))
    for text in texts:
        if (quick := _usual(text)) is not None:
            read = _read_any(text, SHANGHAI, NOW, None)
            assert read == (quick, "second")
            assert read[0].utcoffset() == quick.utcoffset()


def test_what_most_feeds_write_takes_the_quick_way() -> None:
    for text in ("Tue, 01 Sep 2026 08:00:00 +0800", "01 Sep 2026 08:00:00 GMT", "2026-09-01T08:00:00Z"):
        assert _usual(text) is not None
    # On the day a zone's clocks change, GMT still is GMT.
    read = read_date("Sun, 26 Mar 2006 10:09:58 GMT", ZoneInfo("Europe/London"), NOW)
    assert read is not None and read[0].utcoffset() == timedelta(0)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0)))
def test_what_iso_writes_is_read(moment: datetime) -> None:
    for text in (moment.isoformat(), moment.strftime("%Y-%m-%d %H:%M:%S"), f"{moment:%Y年%m月%d日 %H:%M:%S}"):
        read = read_date(text, ZoneInfo("Etc/GMT-8"), NOW)
        assert read is not None
        assert read[0].replace(tzinfo=None) == moment
