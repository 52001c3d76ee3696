// How sentences answer in the letter: the accent, thin enough to read on by day and by night.
export const SENTENCES = `
[data-at] { cursor: text }
[data-from], .nameplate { cursor: help }
@media (hover: hover) { [data-at]:hover { background-color: rgb(239 138 128 / .14) } }
.open-sentence, .open-sentence:hover {
  background-color: rgb(239 138 128 / .2); box-shadow: 0 0 0 3px rgb(239 138 128 / .2); outline: 0; border-radius: 1px;
  box-decoration-break: clone; -webkit-box-decoration-break: clone; white-space: pre-wrap; caret-color: currentColor;
}
.open-sentence:empty::before { content: "\\200b" }`;
