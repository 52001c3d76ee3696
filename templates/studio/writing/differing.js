/** Where `words` begin and end to differ from `other`, at whole words. @param {string} words @param {string} other */
export function differing(words, other) {
  let start = 0;
  while (start < words.length && words[start] === other[start]) start++;
  let end = 0;
  while (end < words.length - start && words.at(-1 - end) === other.at(-1 - end) && end < other.length - start) end++;
  while (start > 0 && /\S/.test(words[start - 1])) start--;
  while (end > 0 && /\S/.test(words[words.length - end])) end--;
  return [start, words.length - end];
}
