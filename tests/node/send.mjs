// nodemailer, pooled, composing each message: node send.mjs PORT CONNECTIONS COUNT FOLDER
// FOLDER holds text.txt and html.html, and dkim.pem where it is to sign. Says "ready", begins at the end of its
// standard input, and prints one line of JSON: seconds, and CPU seconds.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import nodemailer from "nodemailer";

const [port, connections, count] = process.argv.slice(2, 5).map(Number);
const folder = process.argv[5];
const text = readFileSync(join(folder, "text.txt"), "utf8");
const html = readFileSync(join(folder, "html.html"), "utf8");
const pem = join(folder, "dkim.pem");
const dkim = existsSync(pem)
  ? { domainName: "example.org", keySelector: "bench", privateKey: readFileSync(pem, "utf8") }
  : undefined;
const transport = nodemailer.createTransport({
  host: "127.0.0.1", port, secure: false, ignoreTLS: true, name: "bench.example",
  pool: true, maxConnections: connections, maxMessages: Infinity, dkim,
});

function message(number) {
  const token = `token${String(number).padStart(27, "0")}`;
  const link = `https://lettre.example.org/u/${token}`;
  return {
    from: "L'Estuaire <lettre@example.org>", to: `reader${number}@example.org`, subject: "La digue tiendra",
    envelope: { from: `b-${token}@retours.example.org`, to: `reader${number}@example.org` },
    text: text.replace("SENTINEL", token), html: html.replace("SENTINEL", token),
    headers: { "List-Unsubscribe": `<${link}>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" },
  };
}

console.log("ready");
process.stdin.on("end", async () => {
  const before = process.cpuUsage();
  const begin = performance.now();
  let next = 0;
  // As many messages under way as keep every connection busy, as its documentation advises for bulk.
  const lane = async () => { while (next < count) await transport.sendMail(message(next++)); };
  await Promise.all(Array.from({ length: 2 * connections }, lane));
  const seconds = (performance.now() - begin) / 1000;
  const used = process.cpuUsage(before);
  transport.close();
  console.log(JSON.stringify({ seconds, cpu: (used.user + used.system) / 1e6 }));
});
process.stdin.resume();
