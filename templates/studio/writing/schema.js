// What one sentence of the letter can hold, and nothing more: the grammar's inline tree, as ProseMirror keeps it and as
// the server says it. The server's `{type: "code", text}` is here a text under the mark `code`, so that it can be typed in.
import { Schema } from "../prosemirror/prosemirror-model.js";

/**
 * @typedef {{type: string, attrs?: {href: string}}} Mark
 * @typedef {{type: string, text?: string, marks?: Mark[]}} Span one span of the server's sentence
 * @typedef {{[tag: string]: {[name: string]: string}}} Dress the attributes that the letter gives to each kind of element
 */

/** The schema of a sentence whose elements look as the letter's do. @param {Dress} dress */
export function sentenceSchema(dress) {
  /** @returns {[string, ...any[]]} */
  const dressed = (/** @type {string} */ tag, more = {}) => [tag, { ...dress[tag], ...more }, 0];
  return new Schema({
    topNode: "sentence",
    nodes: {
      sentence: { content: "(text | break)*" },
      text: {},
      break: { inline: true, selectable: false, parseDOM: [{ tag: "br" }], toDOM: () => ["br"] },
    },
    marks: {
      link: {
        attrs: { href: {} },
        inclusive: false,
        parseDOM: [{ tag: "a[href]", getAttrs: (/** @type {Element} */ a) => ({ href: a.getAttribute("href") }) }],
        toDOM: (mark) => dressed("a", { href: mark.attrs.href }),
      },
      strong: { parseDOM: [{ tag: "strong" }, { tag: "b" }], toDOM: () => dressed("strong") },
      em: { parseDOM: [{ tag: "em" }, { tag: "i" }], toDOM: () => dressed("em") },
      code: { inclusive: false, parseDOM: [{ tag: "code" }], toDOM: () => dressed("code") },
    },
  });
}

/** A document of `schema` from the server's sentence. @param {Schema} schema @param {Span[]} spans */
export function documentOf(schema, spans) {
  const content = spans.map((span) =>
    span.type === "code" ? { type: "text", text: span.text, marks: [...(span.marks ?? []), { type: "code" }] } : span);
  return schema.nodeFromJSON({ type: "sentence", content });
}

/** The server's sentence from a document; the spaces around it, which no file keeps, are left out. @returns {Span[]} */
export function spansOf(doc) {
  const spans = (doc.content.toJSON() ?? []).map((/** @type {Span} */ span) => {
    const marks = (span.marks ?? []).filter((mark) => mark.type !== "code");
    const type = marks.length < (span.marks ?? []).length ? "code" : span.type;
    return { type, ...(span.text === undefined ? {} : { text: span.text }), ...(marks.length ? { marks } : {}) };
  });
  return trimmed(spans);
}

/** The one address that the whole of `spans` leads to. @param {Span[]} spans @returns {string | undefined} */
export function linkOf(spans) {
  const links = spans.map((span) => span.marks?.find((mark) => mark.type === "link")?.attrs?.href);
  return links.length && links.every((href) => href === links[0]) ? links[0] : undefined;
}

/** `spans` under a link to `href`; under none where it is not given. @param {Span[]} spans @param {string=} href @returns {Span[]} */
export function linked(spans, href) {
  return spans.map(({ marks = [], ...span }) => {
    const kept = marks.filter((mark) => mark.type !== "link");
    const all = href === undefined ? kept : [...kept, { type: "link", attrs: { href } }];
    return all.length ? { ...span, marks: all } : span;
  });
}

/** @param {Span[]} spans */
function trimmed(spans) {
  const kept = [...spans];
  const trim = (/** @type {number} */ at, /** @type {RegExp} */ spaces) => {
    for (let span = kept.at(at); span?.type === "text"; span = kept.at(at)) {
      const text = (span.text ?? "").replace(spaces, "");
      kept.splice(at, 1, ...(text ? [{ ...span, text }] : []));
      if (text) return;
    }
  };
  trim(0, /^[ \t\n]+/);
  trim(-1, /[ \t\n]+$/);
  return kept;
}
