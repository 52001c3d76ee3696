// One process for many documents: a line of JSON in, a line of JSON out.
//   {"mjml"}                  -> {"html", "errors": [...]}   as the reference implementation takes it, strictly
//   {"mjml", "css", "rounds"} -> {"theme", "whole"}          milliseconds of each round: mjml, then juice
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

function milliseconds(rounds, work) {
  return Array.from({ length: rounds }, () => {
    const begin = performance.now();
    work();
    return performance.now() - begin;
  });
}

// theme: only the rules of `css` are written on elements, as we do and as mjml itself calls juice for inline styles.
// whole: juice as it is documented; it also writes what mjml put into <style>. (Resolving CSS variables, which are not
// used, is off: juice 11.1.1 stops at the sheet with a TypeError.)
function timed(mjml, css, rounds) {
  return {
    theme: milliseconds(rounds, () => juice.inlineContent(mjml2html(mjml, { fonts: {} }).html, css)),
    whole: milliseconds(rounds, () => juice(mjml2html(mjml, { fonts: {} }).html, { extraCss: css, resolveCSSVariables: false })),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { mjml, css, rounds } = JSON.parse(line);
  console.log(JSON.stringify(css === undefined ? strict(mjml) : timed(mjml, css, rounds)));
}
