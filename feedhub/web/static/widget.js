// A section's newest articles on anybody's page, at the place of this script:
//   <script async src="https://portal.example/widget.js" data-section="life/health" data-count="5"></script>
// data-section (all), data-count (5; 1 to 20), data-lang (articles of one language), data-theme (auto, light, dark),
// data-summary (present: with summaries), data-title (another heading; empty for none), data-into (id of an element).
// What a feed says is only ever set as text, and only http and https addresses become links.
(function () {
  "use strict";
  const own = document.currentScript;
  if (!own || !own.src || !Element.prototype.attachShadow) return;
  const asked = own.dataset;
  const count = Math.min(20, Math.max(1, parseInt(asked.count, 10) || 5));
  const theme = asked.theme === "light" || asked.theme === "dark" ? asked.theme : "auto";
  const section = (asked.section || "all").split("/").filter(function (part) { return part && !/^\.+$/.test(part); })
    .map(encodeURIComponent).join("/");
  const chinese = /^zh\b/i.test(asked.lang || document.documentElement.lang);
  const words = chinese
    ? { none: "暂无文章。", away: "文章暂时无法显示：", page: "前往网站阅读" }
    : { none: "No articles yet.", away: "The articles cannot be shown here:", page: "read them on their site" };

  const make = function (tag, text, name) {
    const node = document.createElement(tag);
    if (typeof text === "string") node.textContent = text.slice(0, 600);
    if (name) node.className = name;
    return node;
  };
  const linked = function (address, text, name) {
    let url = null;
    try { url = new URL(address); } catch (nothing) { url = null; }
    if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) return make("span", text, name);
    const link = make("a", text, name);
    link.href = url.href;
    link.rel = "noopener";
    return link;
  };

  // A shadow root keeps the page's style out (so no rem); a constructed sheet needs no permission of its policy.
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const light = "--ground:#fff;--ink:#1d2a2e;--soft:#56656a;--line:#dedacd;--link:#0b5568;color-scheme:light;";
  const dark = "--ground:#1a2428;--ink:#e6ecec;--soft:#a5b4b8;--line:#2f3c41;--link:#8fd3de;color-scheme:dark;";
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      ":host{all:initial !important;display:block !important}" +
      ".box{" + light + "box-sizing:border-box;padding:1em 1.1em;border:1px solid var(--line);border-radius:.6em;" +
      "background:var(--ground);color:var(--ink);font:medium/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans'," +
      "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;overflow-wrap:anywhere;text-align:start}" +
      ".dark{" + dark + "}@media(prefers-color-scheme:dark){.auto{" + dark + "}}" +
      "p,ul,li{margin:0;padding:0;list-style:none}.head{margin-bottom:.6em;font-weight:700}" +
      "li{padding:.5em 0;border-top:1px solid var(--line)}a{display:inline-block;padding:.1em 0;color:var(--link)}" +
      "li a{text-decoration:none;font-weight:600}a:hover{text-decoration:underline}" +
      "a:focus-visible{outline:3px solid #c8861a;outline-offset:2px}" +
      ".soft{color:var(--soft);font-size:.875em}"
    );
    root.adoptedStyleSheets = [sheet];
  } catch (unstyled) { /* an old browser: plain, but readable */ }
  const box = make("section", "", "box " + theme);
  box.setAttribute("aria-busy", "true");
  root.append(box);
  const place = asked.into && document.getElementById(asked.into);
  if (place) place.replaceChildren(host);
  else own.after(host);

  const heading = function (text, address) {
    const shown = asked.title === undefined ? text : asked.title;
    if (!shown) return;
    const head = make("p", "", "head");
    head.append(linked(address, shown));
    box.setAttribute("aria-label", head.textContent);
    box.append(head);
  };
  const entry = function (item) {
    const line = make("li");
    const title = linked(item.url || item.external_url, item.title || item.content_text);
    if (typeof item.language === "string") line.lang = item.language;
    line.append(title);
    const day = /^\d{4}-\d\d-\d\d/.exec(item.date_published || "");
    if (day) {
      const time = make("time", day[0]);
      time.dateTime = item.date_published;
      const soft = make("p", "", "soft");
      soft.append(time);
      line.append(soft);
    }
    if (asked.summary !== undefined && item.summary) line.append(make("p", item.summary));
    return line;
  };
  const shown = function (feed) {
    const items = (Array.isArray(feed.items) ? feed.items : []).filter(Boolean).slice(0, count);
    heading(feed.title, feed.home_page_url);
    const list = make("ul");
    items.forEach(function (item) { list.append(entry(item)); });
    box.append(items.length ? list : make("p", words.none, "soft"));
  };
  const away = function () {
    const line = make("p", words.away + " ", "soft");
    const page = /^saved\//.test(section) ? "rss/subscribe/" + section : "sections/" + section + "/";
    line.append(linked(new URL(page, own.src).href, words.page));
    box.append(line);
  };

  const feed = new URL("json/" + section + ".json", own.src);
  feed.searchParams.set("limit", count);
  if (asked.lang) feed.searchParams.set("lang", asked.lang);
  fetch(feed, { credentials: "omit", referrerPolicy: "no-referrer" })
    .then(function (answer) { if (!answer.ok) throw new Error(answer.status); return answer.json(); })
    .then(shown)
    .catch(function () { box.replaceChildren(); away(); })
    .finally(function () { box.removeAttribute("aria-busy"); });
})();
