// What JavaScript readers make of files: node readers.mjs FOLDER READER FILE…, where FOLDER holds node_modules.
// Prints a list per file: id, title, link, seconds since 1970, author of each item.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, name, ...files] = process.argv.slice(2);
const load = createRequire(join(folder, "package.json"));
const seconds = (date) => Math.floor(new Date(date).getTime() / 1000);

async function byRssParser(text) {
  const Parser = load("rss-parser");
  const feed = await new Parser().parseString(text);
  return feed.items.map((item) => [
    item.guid ?? item.id, item.title, item.link, seconds(item.isoDate), item.creator ?? item.author ?? null,
  ]);
}

async function byFeedsmith(text) {
  const { parseFeed } = load("feedsmith");
  const { format, feed } = parseFeed(text);
  const alternate = (entry) => entry.links.find((link) => link.rel === "alternate").href;
  const rows = {
    rss: () => feed.items.map((it) => [
      it.guid.value, it.title, it.link, seconds(it.pubDate), it.dc?.creators?.[0] ?? it.dc?.creator ?? null,
    ]),
    atom: () => feed.entries.map((it) => [
      it.id, it.title?.value ?? it.title, alternate(it), seconds(it.published), it.authors?.[0]?.name ?? null,
    ]),
    json: () => feed.items.map((it) => [
      it.id, it.title, it.url, seconds(it.date_published), it.authors?.[0]?.name ?? null,
    ]),
  };
  return rows[format]();
}

const read = { "rss-parser": byRssParser, feedsmith: byFeedsmith }[name];
const found = [];
for (const file of files) found.push(await read(readFileSync(file, "utf8")));
console.log(JSON.stringify(found));
