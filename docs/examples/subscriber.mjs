// A subscriber in JavaScript (Node 18 or newer): node subscriber.mjs HUB TOPIC CALLBACK SECRET PORT
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const [HUB, TOPIC, CALLBACK, SECRET, PORT] = process.argv.slice(2);
const seen = new Set(); // in earnest: a table

function genuine(header, body) {
  const [method, signature] = (header ?? "").split("=");
  if (!["sha256", "sha384", "sha512"].includes(method)) return false;
  const expected = createHmac(method, SECRET).update(body).digest();
  const said = Buffer.from(signature ?? "", "hex");
  return said.length === expected.length && timingSafeEqual(said, expected);
}

createServer((request, response) => {
  if (request.method === "GET") {
    const asked = new URL(request.url, "http://x").searchParams;
    const meant = asked.get("hub.mode") === "subscribe" && asked.get("hub.topic") === TOPIC;
    response.writeHead(meant ? 200 : 404).end(meant ? asked.get("hub.challenge") : "");
    return;
  }
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    response.writeHead(202).end(); // at once; also to forged ones, so that nobody learns anything
    const body = Buffer.concat(pieces);
    const id = request.headers["feedhub-delivery"];
    if (genuine(request.headers["x-hub-signature"], body) && !seen.has(id)) {
      seen.add(id);
      console.log("took", request.headers["feedhub-sequence"], body.length);
    }
  });
}).listen(Number(PORT), "127.0.0.1", async () => {
  const form = { "hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": CALLBACK, "hub.secret": SECRET };
  const reply = await fetch(HUB, { method: "POST", body: new URLSearchParams(form) });
  console.log("asked", reply.status);
});
