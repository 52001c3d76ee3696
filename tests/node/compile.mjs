// One process for many documents: a line of JSON in, a line of JSON out.
//   {"mjml": "..."}               -> {"html": "...", "errors": ["..."]}        strict, as the reference implementation takes it
//   {"mjml": "...", "css": "...", "rounds": 9} -> {"html": "...", "milliseconds": [compile + inline, each round]}
import { createInterface } from "node:readline";
import juice from "juice";
import mjml2html from "mjml";

function strict(mjml) {
  try {
    const { html, errors } = mjml2html(mjml, { validationLevel: "strict", fonts: {} });
    return { html, errors: errors.map((error) => error.formattedMessage) };
  } catch (error) {
    return { html: "", errors: (error.errors ?? [{ formattedMessage: String(error) }]).map((one) => one.formattedMessage) };
  }
}

function timed(mjml, css, rounds) {
  const milliseconds = [];
  let html = "";
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now();
    html = juice.inlineContent(mjml2html(mjml, { fonts: {} }).html, css);
    milliseconds.push(performance.now() - begin);
  }
  return { html, milliseconds };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { mjml, css, rounds } = JSON.parse(line);
  console.log(JSON.stringify(css === undefined ? strict(mjml) : timed(mjml, css, rounds)));
}
