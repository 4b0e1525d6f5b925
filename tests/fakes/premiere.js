// A Premiere for its panel: the documented objects over real files, told by a JSON script how to behave.
//
//     node premiere.js PANEL_FOLDER SCRIPT.json
//
// Prints what the panel told and what Premiere was asked for.

const fs = require("fs");
const path = require("path");
const [panel, scriptPath] = process.argv.slice(2);
const script = JSON.parse(fs.readFileSync(scriptPath, "utf-8"));
const { createFoley, told } = require(path.join(panel, "foley.js"));
const config = require(path.join(panel, "config.js"));
const asked = [];

/** An object whose unknown members are mistakes of the panel. */
function strict(name, members) {
  return new Proxy(members, {
    get(target, key) {
      if (key in target || key === "then" || typeof key === "symbol") return target[key];
      throw new Error(`${name} has no ${String(key)}`);
    },
  });
}

const sequence = strict("Sequence", { name: script.sequence });
const bins = [];
let isLocked = false;
const root = strict("FolderItem", {
  getItems: async () => bins,
  createBinAction: (name, makeUnique) => {
    if (!isLocked) throw new Error("an action is created outside lockedAccess");
    return { name };
  },
});
const project = strict("Project", {
  getActiveSequence: async () => (script.sequence ? sequence : null),
  getRootItem: async () => root,
  lockedAccess: (act) => {
    isLocked = true;
    act();
    isLocked = false;
  },
  executeTransaction: (act) => act({ addAction: (action) => bins.push(strict("FolderItem", { name: action.name })) }),
  importFiles: async (paths, suppressUI, bin, asNumberedStills) => {
    asked.push(["import", paths.map((each) => path.basename(each)), bin === root ? "root" : bin.name]);
    if (paths.some((each) => each.endsWith(".xml"))) throw new Error("not importable");
    return paths.every((each) => fs.existsSync(each)) && !(script.refuses || []).includes(path.extname(paths[0]));
  },
});
const exported = (kind) => async (from, target, suppressUI) => {
  asked.push([kind, path.basename(target)]);
  if (script.failsToExport) return false;
  fs.writeFileSync(target, "exported");
  return true;
};
const ppro = strict("premierepro", {
  Project: strict("Project", { getActiveProject: async () => (script.noProject ? null : project) }),
  ProjectConverter: strict("ProjectConverter", {
    exportAsOpenTimelineIO: exported("otio"),
    exportAsFinalCutProXML: exported("xml"),
  }),
});
const shell = strict("shell", {
  openPath: async (target, why) => {
    asked.push(["open", path.basename(target)]);
    return script.refusesToOpen || "";
  },
});
const files = strict("fs", {
  readdir: (folder) => fs.promises.readdir(folder),
  readFile: (file, options) => fs.promises.readFile(file, options),
  lstat: (file) => fs.promises.lstat(file),
});

const foley = createFoley({ ppro, fs: files, shell, config });
told(() => foley[script.action](script.options)).then((sentence) => {
  console.log(JSON.stringify({ sentence, asked }));
});
