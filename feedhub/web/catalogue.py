"""The interface's words in English and Chinese: templates say them in English, the catalogue has the Chinese.

`_("{n} articles", n=3)` in a template is the English text itself, or its line in CHINESE. A test finds every text that
the templates say and that has no line here. Which language a page is in: its address, else the portal's own language.
"""

from __future__ import annotations

from flask import g, has_request_context
from markupsafe import Markup

INTERFACE = {"en": "English", "zh": "中文"}
LANGUAGES = {"en": "English", "zh": "Chinese"}

CHINESE = {
    # on every page
    "Skip to the content": "跳到正文",
    "Main": "主导航",
    "Home": "首页",
    "Newest": "最新",
    "Search": "搜索",
    "You are here": "当前位置",
    "All {n} feeds": "全部 {n} 个订阅源",
    "On your own page": "嵌入您的网页",
    "1 article": "1 篇文章",
    "{n} articles": "{n} 篇文章",
    "Feeds of {name}": "{name}的订阅源",
    "feed of {name}": "订阅源：{name}",
    "Feed address": "订阅地址",
    "Copy": "复制",
    "Copied": "已复制",
    "From {source}": "来源：{source}",
    "Pages": "翻页",
    "Newer articles": "较新的文章",
    "Older articles": "较早的文章",
    "Articles": "文章",
    "All articles": "全部文章",
    "Subscribe": "订阅",
    # home and sections
    "Every section of this portal is a feed: subscribe once, and your reader brings you what is new.": (
        "本网站每个栏目都有订阅源：订阅一次，阅读器便会送来最新内容。"
    ),
    "Choose your feeds": "选择订阅源",
    "Everything in one feed": "一次订阅全部",
    "No articles yet. They appear here as soon as the first one is published.": "暂无文章，首篇发布后即在此显示。",
    "Columns": "栏目",
    "older articles": "较早的文章",
    "Nothing has been published here yet. Subscribe now, and the first article will come to you.": (
        "本栏目尚无文章。现在订阅，首篇文章发布时您即可收到。"
    ),
    "There is nothing older.": "没有更早的文章了。",
    "In this section": "下级栏目",
    "More in {name}": "{name}的更多内容",
    # an article
    "From:": "来源：",
    "not stated": "未注明",
    "Date Add in:": "发布时间：",
    "Updated:": "更新时间：",
    "Text size": "字号",
    "Normal text": "标准字号",
    "Large text": "大字号",
    "By {author}": "作者：{author}",
    "The full text is not kept here. It stands at {host}.": "本站未收录全文，请前往 {host} 阅读。",
    "Only the title, the source and the date of this article are kept here.": "本站仅收录此文的标题、来源与日期。",
    "Picture:": "图片：",
    "Picture at {host}": "图片位于 {host}",
    "Files": "附件",
    "Original: {host}": "原文：{host}",
    "In another language: {name}": "其他语言：{name}",
    "Categories:": "分类：",
    "Withdrawn": "已撤回",
    "This article was withdrawn": "此文已撤回",
    "It was published here and taken back on {day}.": "此文曾在此发布，已于{day}撤回。",
    "It was published here and taken back.": "此文曾在此发布，现已撤回。",
    "Reason:": "原因：",
    "Go on to {name}": "前往{name}",
    # errors
    "Did you mean:": "您要找的可能是：",
    "All sections and their feeds": "全部栏目及订阅源",
    "This request cannot be read.": "无法识别此请求。",
    "There is no page at this address.": "此地址没有页面。",
    "There is no section by this name.": "没有这个栏目。",
    "There is no article by this name.": "没有这篇文章。",
    "This address only answers GET and HEAD.": "此地址只接受 GET 与 HEAD 请求。",
    "This is more than is taken here.": "内容过大，无法接收。",
    "Something went wrong here. It was written to the log.": "服务出现故障，已记入日志。",
    "The database does not answer at this moment. The feeds are still served.": "数据库暂时没有响应，订阅源仍可使用。",
    # searching
    "Words": "关键词",
    "&quot;night market&quot; -bridge": "湘江 &quot;夜市&quot; -大桥",
    "this search": "此搜索",
    "Narrow it down": "缩小范围",
    "Section": "栏目",
    "All sections": "全部栏目",
    "Language": "语言",
    "Any language": "不限语言",
    "English": "英文",
    "Chinese": "中文",
    "From": "起始日期",
    "To": "截止日期",
    "With a file": "带附件",
    "Subscribe to this search": "订阅此搜索",
    "Nothing of this has been published here yet. Subscribe now, and the first article will come to you.": (
        "尚无符合条件的文章。现在订阅，首篇文章发布时您即可收到。"
    ),
    "How to ask": "搜索方法",
    "finds articles that hold both, Chinese words of two characters too": "查找同时含有这些词的文章，两字词也可以",
    "finds the words in a row": "查找连在一起的词组",
    "leaves out what holds that word": "排除含有该词的文章",
    "Every answer is a feed: subscribe to it, and what is published later comes to you.": (
        "每个搜索结果都是订阅源：订阅之后，新发布的相关文章会自动送达。"
    ),
    # the RSS column
    "{rss}: all {n} feeds": "{rss}：全部 {n} 个订阅源",
    "One feed for each of the {n} sections of this portal. A feed is an address that a reader program visits for you: "
    "it shows the new articles of a section in one place, without an account, without mail and without anybody "
    "learning what you read.": (
        "本网站 {n} 个栏目各有一个订阅源。订阅源是一个地址，由阅读器替您访问：各栏目的新文章集中显示在一处，"
        "无需注册，不用邮箱，也没有人知道您读了什么。"
    ),
    "All feeds as OPML": "全部订阅源（OPML）",
    "How to subscribe": "如何订阅",
    "<strong>Take a reader.</strong> Any program or service for RSS or Atom feeds will do; many mail programs and "
    "browsers have one built in.": (
        "<strong>准备阅读器。</strong>支持 RSS 或 Atom 的软件和服务均可，不少邮件软件和浏览器已经内置。"
    ),
    "<strong>Choose a section</strong> below and press “Subscribe”: your reader opens, or you copy the feed’s address. "
    "RSS, Atom and JSON hold the same articles. A section’s feed contains everything below it too.": (
        "<strong>选择栏目</strong>，点击“订阅”：阅读器随即打开，也可以复制订阅地址。RSS、Atom 和 JSON 内容相同；"
        "栏目的订阅源包含其全部下级栏目。"
    ),
    '<strong>Or take all at once:</strong> import the <a href="{opml}">OPML file</a> into your reader.': (
        '<strong>或者一次订阅全部：</strong>将 <a href="{opml}">OPML 文件</a>导入阅读器。'
    ),
    "Saved questions": "常用查询",
    "Find a section": "查找栏目",
    "1 section": "1 个栏目",
    "{n} sections": "{n} 个栏目",
    "to {name}": "“{name}”栏目",
    # subscribing to one section
    "Subscribe to {name}": "订阅{name}",
    "Choose your reader, and it takes the feed over. Any other reader takes the address below.": (
        "选择您的阅读器即可订阅；其他阅读器请使用下方的地址。"
    ),
    "In your reader": "在阅读器中订阅",
    "A reader on this device": "本机阅读器",
    "NetNewsWire, Reeder and others": "NetNewsWire、Reeder 等",
    "on the web and on phones": "网页版与手机版",
    "on the web": "网页版",
    "its app must be installed": "需已安装其应用",
    "Your own server": "自建服务器",
    "Its address is kept in this browser alone.": "地址只保存在此浏览器中。",
    "The address": "订阅地址",
    "Paste it into your reader where it says “add” or “subscribe”. All three hold the same articles; RSS is the one "
    "that every reader takes.": "在阅读器的“添加”或“订阅”处粘贴。三种格式内容相同，RSS 为各阅读器通用。",
    "In one language": "单一语言",
    "This section holds articles in several languages; these feeds hold one alone.": (
        "本栏目有多种语言的文章，以下订阅源只含一种语言。"
    ),
    "On your phone": "手机订阅",
    "QR code of the page of {name}": "{name}页面的二维码",
    "Scan it to open this section on your phone, and subscribe there.": "用手机扫描，打开本栏目后即可订阅。",
    "Elsewhere": "相关页面",
    "The articles of this section": "本栏目的文章",
    "Its list on your own page": "把文章列表嵌入您的网页",
    "OPML of this section and all below it": "本栏目及下级栏目（OPML）",
    # embedding
    "Show the newest articles of a section on your own page: choose, look, copy the code. It sets no cookie and counts "
    "nobody.": "把栏目的最新文章显示在您的网页上：选择、预览、复制代码。不设置 Cookie，不统计访客。",
    "Choose": "选择",
    "Form": "方式",
    "Frame: goes anywhere": "框架：适用于任何网页",
    "Script: grows with its content": "脚本：高度随内容变化",
    "Colours": "颜色",
    "As the reader’s system": "跟随访客系统",
    "Light": "浅色",
    "Dark": "深色",
    "With summaries": "显示摘要",
    "Show": "显示",
    "The code": "代码",
    "Code to copy": "要复制的代码",
    "the code": "代码",
    "How it looks": "效果",
    "Your browser runs no scripts, so the list is not shown here. The frame needs none.": (
        "您的浏览器未启用脚本，此处无法预览；框架方式不需要脚本。"
    ),
    "There is no such section any more.": "该栏目已不存在。",
    "The articles cannot be shown at this moment.": "文章暂时无法显示。",
    "Read on at {portal}": "前往{portal}阅读",
}


def interface_of(tag: str | None) -> str:
    """The interface language that suits a language tag: `zh` for every Chinese, `en` for all that is not here."""
    return "zh" if (tag or "").lower().split("-")[0] == "zh" else "en"


def set_interface(tag: str | None) -> None:
    """The rest of this request speaks that language."""
    g.interface = interface_of(tag)


def interface(portal_language: str) -> str:
    """The language of this request's page: `en` or `zh`."""
    chosen: str | None = g.get("interface") if has_request_context() else None
    return chosen or interface_of(portal_language)


def say(text: str, language: str, **values: object) -> Markup:
    """The text in that language, its values escaped; the text itself is ours and may hold markup."""
    words = CHINESE.get(text, text) if language == "zh" else text
    return Markup(words).format(**values)  # noqa: S704  both are texts of the program
