// Starts `filigrane lsp` for the YAML files of a newsroom, and hands over what it says. All the rest is the server's.
"use strict";

const { existsSync } = require("node:fs");
const path = require("node:path");
const { commands, window, workspace } = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

/** The files that the server knows: issues, and the newsroom's own. */
const FILES = "**/{config,issues}/**/*.yaml";

let client;

/** The command as set, or the one of the newsroom's virtual environment, or the one on the path. */
function command() {
  const set = workspace.getConfiguration("filigrane").get("command");
  if (set) {
    return set;
  }
  const name = process.platform === "win32" ? path.join("Scripts", "filigrane.exe") : path.join("bin", "filigrane");
  const beside = (workspace.workspaceFolders ?? []).map((folder) => path.join(folder.uri.fsPath, ".venv", name));
  return beside.find(existsSync) ?? "filigrane";
}

async function start() {
  const server = { command: command(), args: ["lsp"], transport: TransportKind.stdio };
  client = new LanguageClient("filigrane", "Filigrane", server, {
    documentSelector: [{ scheme: "file", language: "yaml", pattern: FILES }],
    synchronize: { fileEvents: workspace.createFileSystemWatcher("**/{config,issues,templates}/**") },
  });
  try {
    await client.start();
  } catch (error) {
    window.showErrorMessage(`Filigrane: ${server.command} lsp: ${error.message}. pip install 'filigrane[lsp]'`);
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function activate(context) {
  const restart = commands.registerCommand("filigrane.restart", async () => {
    await stop();
    await start();
  });
  context.subscriptions.push(restart);
  await start();
}

module.exports = { activate, deactivate: stop };
