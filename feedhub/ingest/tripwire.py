"""The tripwire: a source that suddenly speaks from another host, in another language or of other things is reviewed.

A domain that lapsed and was bought brings advertisements under an old name. Such a source is not stopped: all that it
brings is held, whatever its policy, until an operator says `source trust`. Pure; only items that were not in the
documents before count, and a source is judged once it is known a little.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from feedhub.basics.digests import digest
from feedhub.basics.letters import ANY, EASTERN_WEIGHT, HAN, LATIN, letters
from feedhub.basics.urls import host_of
from feedhub.ingest.sight import Findings, Sight
from feedhub.model.entry import Decision
from feedhub.model.item import Item
from feedhub.model.standing import Standing, Suspicion

SUSPECT = "suspect"
FEWEST_TITLES = 3  # before that nobody knows what is usual
FEW_TITLES = 8  # and up to here only what has been one and the same throughout
TOPIC_TITLES = 60
MOST_HOSTS = 60
MOST_WORDS = 250
MOST_SEEN = 200
_PAIRS = re.compile("(?=([\u3400-\u9fff]{2}))")
_WORD = re.compile("[a-z\u00c0-\u024f]{4,20}")
# What lapsed domains are bought for.
_SOLD = re.compile(
    r"\b(?:casinos?|betting|sportsbook|jackpot|poker|slots?|roulette|baccarat|viagra|cialis|escorts?|porn|xxx|"
    r"payday loans?|crypto airdrop|essay writing)\b|博彩|赌场|百家乐|老虎机|彩票平台|棋牌|时时彩|六合彩|"
    r"网贷|裸聊|约炮|成人电影|代开发票",
    re.I,
)


def guard_standing(sight: Sight) -> Findings:
    """Hold everything of a source that is under suspicion or comes under it now."""
    learned, items = sight.learned, sight.gathered.items
    was = learned.standing or Standing()
    now = _measured(sight)
    suspicion = learned.suspicion
    if suspicion is None:
        fresh = _fresh(items, was)
        why = tuple(signs(was, now, fresh, len(items)))
        if not why:
            return Findings(learned=replace(learned, standing=_learn(was, now, items, fresh)))
        suspicion = Suspicion(since=sight.now, why=why)
    said = f"under suspicion since {suspicion.since:%Y-%m-%d %H:%M}Z: {'; '.join(suspicion.why)}"
    held = Decision("held", SUSPECT, "guard.standing", said)
    return Findings(
        learned=replace(learned, suspicion=suspicion),
        holds=dict.fromkeys(range(len(items)), held),
        notes=(f"all new items are held; {said}. `feedhub source trust {sight.source.key}` lifts it.",),
    )


def signs(was: Standing, now: Standing, fresh: Sequence[Item], total: int) -> Iterator[str]:
    """Every sudden change, each as a sentence; none for a source that is hardly known."""
    if was.titles < FEWEST_TITLES:
        return
    for words, before, after in (
        ("it was answered by", was.page_host, now.page_host),
        ("its document named as its home", was.home_host, now.home_host),
    ):
        if before and after and before != after:
            yield f"{words} {before}, now by {after}" if words.endswith("by") else f"{words} {before}, now {after}"
    if was.polls >= 3 and len(fresh) >= 100 and total >= 5 * was.most_items:
        yield f"it brought {was.most_items} items at most, now {total}, of which {len(fresh)} are new"
    if len(fresh) < 3:
        return
    hosts = [host for item in fresh if (host := bare_host(item.link))]
    strange = [host for host in hosts if host not in was.link_hosts]
    most = 10 if was.titles >= FEW_TITLES else 2
    if len(was.link_hosts) < most and len(strange) >= 3 and len(strange) >= 0.6 * len(hosts):
        yield f"items led to {', '.join(was.link_hosts[-3:])}, now to {Counter(strange).most_common(1)[0][0]}"
    script, share = _script(item.title for item in fresh)
    surely = 0.9 if was.titles >= FEW_TITLES else 0.99
    if was.script and script != was.script and was.script_share >= surely and share >= 0.6:
        yield f"{was.script_share:.0%} of its titles were in {was.script} letters, now {share:.0%} in {script}"
    yield from _topic(was, [item.title for item in fresh])


def bare_host(address: str | None) -> str:
    """The host of an address without `www.`, or the empty string."""
    return host_of(address or "").removeprefix("www.")


def _topic(was: Standing, titles: Sequence[str]) -> Iterator[str]:
    sold = [title for title in titles if _SOLD.search(title)]
    if len(sold) >= 2 and len(sold) >= 0.2 * len(titles) and not _SOLD.search(was.words):
        yield f"{len(sold)} of {len(titles)} new titles are what bought domains bring, such as {sold[0][:60]!r}"
    elif was.titles >= TOPIC_TITLES and len(titles) >= 5:
        known = set(was.words.split())
        akin = sum(not known.isdisjoint(_words(title)) for title in titles)
        if akin < 0.1 * len(titles):
            yield f"{akin} of {len(titles)} new titles have a word in common with what it used to write about"


def _measured(sight: Sight) -> Standing:
    home = next((feed.link for feed in sight.gathered.feeds if feed.link), None)
    return Standing(
        page_host=bare_host(sight.response.url) if sight.response else "",
        home_host=bare_host(home),
    )


def _fresh(items: Sequence[Item], was: Standing) -> list[Item]:
    seen = set(was.seen)
    return [item for item in items if _seen_as(item) not in seen]


def _learn(was: Standing, now: Standing, items: Sequence[Item], fresh: Sequence[Item]) -> Standing:
    titles = [item.title for item in fresh if item.title]
    script, share = _script(titles)
    if was.script and titles:
        same = share if script == was.script else 1 - share
        script, share = was.script, round(was.script_share * 0.8 + same * 0.2, 3)
    elif not titles:
        script, share = was.script, was.script_share
    hosts = dict.fromkeys(host for item in fresh if (host := bare_host(item.link)))
    kept = [host for host in was.link_hosts if host not in hosts]
    return Standing(
        polls=was.polls + 1,
        titles=was.titles + len(titles),
        page_host=now.page_host or was.page_host,
        home_host=now.home_host or was.home_host,
        link_hosts=(*kept, *hosts)[-MOST_HOSTS:],
        script=script,
        script_share=share,
        words=_vocabulary(was.words, titles) if titles else was.words,
        most_items=max(was.most_items, len(items)),
        seen=tuple(dict.fromkeys((*was.seen, *map(_seen_as, fresh))))[-max(MOST_SEEN, len(items)) :],
    )


def _vocabulary(words: str, titles: Sequence[str]) -> str:
    """The commonest words, the commonest first; a word that stood there already counts for one title more."""
    counted = Counter(word for title in titles for word in _words(title))
    counted.update(words.split())
    return " ".join(word for word, _ in counted.most_common(MOST_WORDS))


def _words(title: str) -> set[str]:
    """Words of four letters or more, and every two Han characters that stand together."""
    return {*_WORD.findall(title.lower()), *_PAIRS.findall(title)}


def _script(titles: Iterable[str]) -> tuple[str, float]:
    """The writing that most letters of the titles are in, and their share; a Han character counts for three letters."""
    text = " ".join(titles)
    han, latin, all_letters = (letters(runs, text) for runs in (HAN, LATIN, ANY))
    other = all_letters - han - latin
    found = {"Chinese": han * EASTERN_WEIGHT, "Latin": latin, "other": max(other, 0)}
    total = sum(found.values())
    best = max(found, key=lambda name: found[name])
    return (best, round(found[best] / total, 3)) if total else ("", 0.0)


def _seen_as(item: Item) -> str:
    return digest(item.guid or item.link, item.title)[:8]
