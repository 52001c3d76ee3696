// One process for one letter, as a build runs it: {"mjml", "css"} in JSON on stdin, HTML on stdout.
import { readFileSync } from "node:fs";
import juice from "juice";
import mjml2html from "mjml";

const { mjml, css } = JSON.parse(readFileSync(0, "utf8"));
const { html } = mjml2html(mjml, { fonts: {} });
process.stdout.write(juice(html, { extraCss: css, resolveCSSVariables: false }));
