// The extension under Node: a stand-in for `vscode`, and the real server. What only an editor shows is not tried here.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const checkout = path.resolve(here, "../..");
const command = process.env.FILIGRANE ?? path.join(checkout, ".venv/bin/filigrane");

/** Whatever the client asks of the editor beside what is given: a function, a class, an object without effect. */
function anything(given = {}) {
  const base = Object.assign(function () {}, given);
  return new Proxy(base, {
    get: (target, key) => {
      if (!(key in target)) {
        target[key] = typeof key === "symbol" || key === "then" ? undefined : anything();
      }
      return target[key];
    },
    apply: () => anything(),
    construct: () => anything(),
  });
}

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
}
class Range {
  constructor(line, character, lastLine, lastCharacter) {
    this.start = new Position(line, character);
    this.end = new Position(lastLine, lastCharacter);
  }
}
class Diagnostic {
  constructor(range, message, severity) {
    Object.assign(this, { range, message, severity });
  }
}
class CancellationTokenSource {
  token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => {} }) };
  cancel() {
    this.token.isCancellationRequested = true;
  }
  dispose() {}
}
class EventEmitter {
  listeners = [];
  event = (listener) => {
    this.listeners.push(listener);
    return { dispose: () => {} };
  };
  fire(value) {
    this.listeners.forEach((listener) => listener(value));
  }
  dispose() {}
}

/** The stand-in, with one open file; `told` is called with what would be underlined. */
function editor(root, file, text, told) {
  const uri = (href) => ({ scheme: "file", fsPath: fileURLToPath(href), path: fileURLToPath(href), toString: () => href });
  const document = { uri: uri(pathToFileURL(file).href), languageId: "yaml", version: 1, getText: () => text };
  Object.assign(document, { fileName: file, isClosed: false, lineCount: text.split("\n").length });
  const folder = { uri: uri(pathToFileURL(root).href), name: "newsroom", index: 0 };
  const registered = new Map();
  const none = () => ({ dispose: () => {} });
  return {
    registered,
    vscode: anything({
      version: "1.91.0",
      Position,
      Range,
      Diagnostic,
      EventEmitter,
      CancellationTokenSource,
      DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
      Uri: { parse: uri, file: (name) => uri(pathToFileURL(name).href) },
      env: { language: "fr", appName: "Node", machineId: "", isTelemetryEnabled: false },
      commands: anything({ registerCommand: (name, run) => registered.set(name, run) && none() }),
      languages: anything({
        match: () => 10,
        createDiagnosticCollection: () => ({
          set: (where, found) => told(String(where), found),
          delete: () => {},
          clear: () => {},
          dispose: () => {},
        }),
      }),
      workspace: anything({
        workspaceFolders: [folder],
        textDocuments: [document],
        notebookDocuments: [],
        getConfiguration: () => ({ get: (key) => (key === "command" ? command : undefined) }),
        getWorkspaceFolder: () => folder,
        createFileSystemWatcher: () => anything({ onDidCreate: none, onDidChange: none, onDidDelete: none }),
      }),
      window: anything({
        showErrorMessage: async (message) => console.error(message),
        createOutputChannel: () => anything({ appendLine: console.error, append: console.error, error: console.error }),
        tabGroups: anything({ all: [] }),
        visibleTextEditors: [],
      }),
    }),
  };
}

test("a mistake of an open file is underlined, by the real server", { timeout: 60_000 }, async () => {
  const root = mkdtempSync(path.join(tmpdir(), "filigrane-"));
  cpSync(path.join(checkout, "config"), path.join(root, "config"), { recursive: true });
  cpSync(path.join(checkout, "issues"), path.join(root, "issues"), { recursive: true });
  const file = path.join(root, "issues/vendredi/2026-12-04.yaml");
  const text = readFileSync(file, "utf8").replace("objet:", "obejt:");
  let seen;
  const underlined = new Promise((resolve) => (seen = resolve));
  const stand = editor(root, file, text, (where, found) => found.length && seen([where, found]));
  const load = Module._load;
  Module._load = function (name, ...rest) {
    return name === "vscode" ? stand.vscode : load.call(this, name, ...rest);
  };
  const extension = createRequire(import.meta.url)("./dist/extension.js");
  const context = { subscriptions: [] };
  await extension.activate(context);
  const [where, found] = await underlined;
  assert.equal(where, pathToFileURL(file).href);
  assert.match(found[0].message, /obejt/);
  assert.equal(found[0].range.start.line, text.split("\n").findIndex((line) => line.startsWith("obejt:")));
  assert.ok(stand.registered.has("filigrane.restart"));
  await extension.deactivate();
  rmSync(root, { recursive: true });
});
