// One sentence of the letter, editable where it stands and in its own typography. ProseMirror is mounted on the letter's
// own element from this page: the letter itself runs no script.
import { DOMSerializer } from "../prosemirror/prosemirror-model.js";
import { EditorState, TextSelection } from "../prosemirror/prosemirror-state.js";
import { EditorView } from "../prosemirror/prosemirror-view.js";
import { deleteSelection, selectAll, toggleMark } from "../prosemirror/prosemirror-commands.js";
import { history, redo, redoDepth, undo, undoDepth } from "../prosemirror/prosemirror-history.js";
import { keymap } from "../prosemirror/prosemirror-keymap.js";
import { documentOf, sentenceSchema, spansOf } from "./schema.js";

/**
 * @typedef {import("./schema.js").Span} Span
 * @typedef {{spans: Span[], shown?: Span[], lang: string, label: string, marks: boolean, links: boolean}} Told `shown`: as the
 *   file has it, where `spans` is more
 * @typedef {{changed(): void, enter(): void, leave(): void, restore(): void, step(by: number): void, join(): void,
 *   add(): void, link(): void, cover(): {above: number, below: number}}} Hooks
 */

const ATTRIBUTES = ["class", "contenteditable", "translate", "role", "aria-label", "aria-multiline", "lang", "spellcheck", "style"];

export class Sentence {
  /** @param {HTMLElement} element @param {Told} told @param {Hooks} hooks */
  constructor(element, told, hooks) {
    this.element = element;
    this.links = told.links;
    this.marks = told.marks;
    this.schema = sentenceSchema(dressOf(element));
    this.before = [...element.childNodes];
    this.attributes = ATTRIBUTES.map((name) => /** @type {const} */ ([name, element.getAttribute(name)]));
    this.around = element.closest("a");
    this.around?.setAttribute("draggable", "false"); // a headline that is a link: its words are selected, not dragged
    element.replaceChildren();
    const doc = documentOf(this.schema, told.spans);
    this.first = JSON.stringify(spansOf(told.shown ? documentOf(this.schema, told.shown) : doc));
    this.view = new EditorView({ mount: element }, {
      state: EditorState.create({ doc, plugins: [history(), keymap(this.keys(hooks))] }),
      attributes: {
        role: "textbox", "aria-label": told.label, "aria-multiline": "false", lang: told.lang, spellcheck: "true",
        class: "open-sentence", translate: "no",
      },
      handleScrollToSelection: () => (this.show(hooks.cover()), true),
      handleDOMEvents: {
        paste: (_view, event) => this.paste(event),
        drop: (_view, event) => (event.preventDefault(), true),
      },
      dispatchTransaction: (transaction) => {
        this.view.updateState(this.view.state.apply(transaction));
        hooks.changed();
      },
    });
  }

  /** @param {Hooks} hooks */
  keys(hooks) {
    const done = (/** @type {() => void} */ act) => () => (act(), true);
    return {
      "Mod-b": done(() => this.toggle("strong")), "Mod-i": done(() => this.toggle("em")),
      "Mod-k": done(() => this.links && hooks.link()),
      "Mod-z": undo, "Mod-y": redo, "Mod-Shift-z": redo, "Mod-a": selectAll,
      "Ctrl-Home": done(() => this.go(0)), "Ctrl-End": done(() => this.go(this.view.state.doc.content.size)),
      Backspace: (state, dispatch) => deleteSelection(state, dispatch) || (state.selection.from === 0 && (hooks.join(), true)),
      Delete: deleteSelection,
      "/": (state) => state.doc.content.size === 0 && (hooks.add(), true), "Mod-/": done(hooks.add),
      Enter: done(hooks.enter), "Mod-Enter": done(hooks.leave), "Shift-Enter": done(() => this.marks && this.breakLine()), Escape: done(hooks.restore),
      Tab: done(() => hooks.step(1)), "Shift-Tab": done(() => hooks.step(-1)),
    };
  }

  /** The sentence as it stands. @returns {Span[]} */
  get spans() {
    return spansOf(this.view.state.doc);
  }

  /** What stands before the selection, and what behind it. @returns {[Span[], Span[]]} */
  get halves() {
    const { doc, selection } = this.view.state;
    return [spansOf(doc.cut(0, selection.from)), spansOf(doc.cut(selection.to))];
  }

  get differs() {
    return JSON.stringify(this.spans) !== this.first;
  }

  /** Put the caret where a press was, in the letter's own coordinates; at a place; or at the end. @param {{left: number, top: number} | number=} at */
  focus(at) {
    const { doc, tr } = this.view.state;
    const found = typeof at === "object" ? this.view.posAtCoords(at)?.pos : at;
    this.element.ownerDocument.defaultView?.focus();
    this.view.dispatch(tr.setSelection(TextSelection.create(doc, Math.min(found ?? doc.content.size, doc.content.size))));
    this.view.focus();
    this.view.dispatch(this.view.state.tr.scrollIntoView());
  }

  /** Scroll the caret into sight, the letter in its frame and the frame in the page. @param {{above: number, below: number}} covered */
  show({ above, below }) {
    const caret = this.view.coordsAtPos(this.view.state.selection.head);
    const letter = /** @type {Window} */ (this.element.ownerDocument.defaultView);
    const frame = letter.frameElement?.getBoundingClientRect() ?? { top: 0 };
    const top = Math.max(0, above - frame.top) + 24;
    const bottom = Math.min(letter.innerHeight, innerHeight - below - frame.top) - 24;
    const by = caret.bottom > bottom ? caret.bottom - bottom : Math.min(0, caret.top - top);
    if (!by) return;
    const before = scrollY;
    if (letter !== window) scrollBy({ top: by, behavior: "instant" });
    letter.scrollBy({ top: by - (scrollY - before), behavior: "instant" });
  }

  /** @param {number} place */
  go(place) {
    const { doc, tr } = this.view.state;
    this.view.dispatch(tr.setSelection(TextSelection.create(doc, place)).scrollIntoView());
  }

  /** Put `spans` at a place, and the caret behind them. @param {Span[]} spans @param {number} at */
  insert(spans, at) {
    if (spans.length) this.view.dispatch(this.view.state.tr.insert(at, documentOf(this.schema, spans).content));
  }

  /** @param {string} name of a mark */
  toggle(name) {
    if (this.marks) toggleMark(this.schema.marks[name])(this.view.state, this.view.dispatch);
    this.view.focus();
  }

  undo() {
    undo(this.view.state, this.view.dispatch);
    this.view.focus();
  }

  redo() {
    redo(this.view.state, this.view.dispatch);
    this.view.focus();
  }

  /** What the bar shows as pressed, and what it can do. */
  get state() {
    const { state } = this.view;
    const { from, to, empty, $from } = state.selection;
    const held = (/** @type {string} */ name) => {
      const type = this.schema.marks[name];
      return empty ? Boolean(type.isInSet(state.storedMarks ?? $from.marks())) : state.doc.rangeHasMark(from, to, type);
    };
    return {
      marks: this.marks, links: this.links, strong: held("strong"), em: held("em"), link: this.linkThere() !== undefined,
      undo: undoDepth(state) > 0, redo: redoDepth(state) > 0,
    };
  }

  /** The link in which the selection begins or ends, whole. @returns {{from: number, to: number, href: string} | undefined} */
  linkThere() {
    const { doc, selection } = this.view.state;
    /** @type {{from: number, to: number, href: string}[]} */
    const links = [];
    doc.forEach((node, at) => {
      const href = this.schema.marks.link.isInSet(node.marks)?.attrs.href;
      const last = links.at(-1);
      if (href !== undefined && last?.to === at && last.href === href) last.to = at + node.nodeSize;
      else if (href !== undefined) links.push({ from: at, to: at + node.nodeSize, href });
    });
    return links.find((link) => link.from <= selection.from && selection.from <= link.to);
  }

  /** What a link would be put on: the link that stands there, the selection, or the word at the caret. */
  linkRange() {
    const { doc, selection } = this.view.state;
    const { from, to } = selection;
    const there = this.linkThere();
    if (there && to <= there.to) return there;
    if (from < to) return { from, to, href: "" };
    const text = doc.textBetween(0, doc.content.size, "\n", "\n");
    const before = text.slice(0, from).match(/[\p{L}\p{N}’'-]*$/u)?.[0].length ?? 0;
    const after = text.slice(from).match(/^[\p{L}\p{N}’'-]*/u)?.[0].length ?? 0;
    return before + after ? { from: from - before, to: from + after, href: "" } : undefined;
  }

  /** Put a link on a range, or take it off where `href` is empty. @param {{from: number, to: number}} range @param {string} href */
  link({ from, to }, href) {
    const { link } = this.schema.marks;
    const { tr } = this.view.state;
    tr.removeMark(from, to, link);
    if (href) tr.addMark(from, to, link.create({ href }));
    this.view.dispatch(tr);
    this.view.focus();
  }

  breakLine() {
    this.view.dispatch(this.view.state.tr.replaceSelectionWith(this.schema.nodes.break.create()).scrollIntoView());
  }

  /** The words alone, on one line: what else a page or a text processor put beside them is left out. @param {ClipboardEvent} event */
  paste(event) {
    event.preventDefault();
    const words = (event.clipboardData?.getData("text/plain") ?? "").replace(/\s*[\r\n]+\s*/g, " ");
    if (words) this.view.dispatch(this.view.state.tr.insertText(words).scrollIntoView());
    return true;
  }

  /** Wait until what an input method composes stands in the sentence. */
  async settled() {
    if (!this.view.composing) return;
    this.element.blur();
    for (let turn = 0; turn < 20 && this.view.composing; turn++) await new Promise((resolve) => setTimeout(resolve, 25));
  }

  /** Give the element back to the letter: with what it held, or with `spans`. @param {Span[]=} spans */
  close(spans) {
    const document = this.element.ownerDocument;
    this.view.destroy();
    this.around?.removeAttribute("draggable");
    for (const [name, value] of this.attributes) {
      if (value === null) this.element.removeAttribute(name);
      else this.element.setAttribute(name, value);
    }
    if (!spans) return this.element.replaceChildren(...this.before);
    const content = documentOf(this.schema, spans).content;
    this.element.replaceChildren(DOMSerializer.fromSchema(this.schema).serializeFragment(content, { document }));
  }
}

/** How the letter dresses the elements of a sentence: as in this one, else as in the first of its kind. @param {HTMLElement} element */
function dressOf(element) {
  /** @type {import("./schema.js").Dress} */
  const dress = {};
  for (const tag of ["a", "strong", "em", "code"]) {
    const model = element.querySelector(tag) ?? element.ownerDocument.querySelector(`[data-at] ${tag}`);
    dress[tag] = {};
    for (const name of ["class", "style"]) {
      const value = model?.getAttribute(name);
      if (value) dress[tag][name] = value;
    }
  }
  return dress;
}
