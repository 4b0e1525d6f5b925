// What the panel does, apart from its buttons. Everything of Premiere and of UXP comes in as arguments.
//
// A sequence goes out as OpenTimelineIO and comes back as a new sequence beside it; nothing in it is changed.
// Premiere's scripts cannot import Final Cut Pro XML, so that way back ends in a sentence that says what to do.

/** Something to tell the editor, one sentence. */
class Told extends Error {}

const BIN_NAME = "Foley";

/**
 * @param ppro Premiere's module
 * @param fs UXP's file module: readdir, readFile, lstat
 * @param shell UXP's shell: openPath
 * @param config the folder that is shared, the file that opens the panel, the system's path separator
 */
function createFoley({ ppro, fs, shell, config }) {
  const join = (...parts) => parts.join(config.separator);

  async function current() {
    const project = await ppro.Project.getActiveProject();
    const sequence = project && (await project.getActiveSequence());
    if (!sequence) throw new Told("There is no open sequence; open one and press the button again.");
    return { project, sequence };
  }

  async function openPanel({ asXml = false } = {}) {
    const { sequence } = await current();
    const path = await newPath(sequence.name, asXml ? ".xml" : ".otio");
    const converter = ppro.ProjectConverter;
    const isDone = asXml
      ? await converter.exportAsFinalCutProXML(sequence, path, true)
      : await converter.exportAsOpenTimelineIO(sequence, path, true);
    if (!isDone) {
      throw new Told(`Premiere could not export “${sequence.name}”; export it by File > Export and open it in Foley.`);
    }
    const refusal = await shell.openPath(config.launcher, "Opens the Foley panel on the sequence.");
    if (refusal) {
      throw new Told(`“${sequence.name}” is exported, but Foley was not opened (${refusal}); open ${path} in Foley.`);
    }
    return `The Foley panel opens on “${sequence.name}”; export there, then press Bring back.`;
  }

  /** A name that was never used: Foley keeps what it makes of an export beside it. */
  async function newPath(name, suffix) {
    const stem = plainName(name) || "sequence";
    const taken = await namesIn(config.folder);
    let number = 1;
    const numbered = () => `${stem}_${String(number).padStart(3, "0")}`;
    while (taken.some((each) => each.startsWith(numbered()))) number += 1;
    return join(config.folder, numbered() + suffix);
  }

  async function bringBack() {
    const { project } = await current();
    const handBack = await newestHandBack();
    const isXml = handBack.timeline.toLowerCase().endsWith(".xml");
    if (!isXml && (await isImported(project, [handBack.timeline], await project.getRootItem()))) {
      return `Imported ${fileName(handBack.timeline)} as a new sequence; yours is as it was.`;
    }
    const how = `import ${handBack.timeline} by File > Import`;
    if (isXml) throw new Told(`Premiere's panels cannot import Final Cut Pro XML; ${how}.`);
    const wavs = [...new Set(handBack.tracks.flatMap((track) => track.clips.map((clip) => clip.wav)))];
    if (await isImported(project, wavs, await foleyBin(project))) {
      throw new Told(`Premiere refused the sequence, so the takes lie in the bin ${BIN_NAME}; or ${how}.`);
    }
    throw new Told(`Premiere refused the sequence and the takes; ${how}.`);
  }

  async function isImported(project, paths, bin) {
    try {
      return Boolean(await project.importFiles(paths, true, bin, false));
    } catch (error) {
      return false;
    }
  }

  async function foleyBin(project) {
    const root = await project.getRootItem();
    const find = async () => (await root.getItems()).find((item) => item.name === BIN_NAME);
    if (!(await find())) {
      project.lockedAccess(() => {
        project.executeTransaction((transaction) => {
          transaction.addAction(root.createBinAction(BIN_NAME, false));
        }, "Add the bin of Foley");
      });
    }
    return (await find()) || root;
  }

  /** What the Foley panel last exported of a sequence of this folder. */
  async function newestHandBack() {
    let newest = null;
    for (const name of await namesIn(config.folder)) {
      if (!name.endsWith(".foley")) continue;
      const folder = join(config.folder, name, "hand_back");
      for (const file of (await namesIn(folder)).filter((each) => /^\d+\.json$/.test(each))) {
        const path = join(folder, file);
        const time = Number(new Date((await fs.lstat(path)).mtime));
        if (newest === null || time > newest.time || (time === newest.time && path > newest.path)) {
          newest = { time, path };
        }
      }
    }
    if (newest === null) throw new Told("Foley has exported nothing yet; export in the Foley panel first.");
    try {
      return JSON.parse(await fs.readFile(newest.path, { encoding: "utf-8" }));
    } catch (error) {
      throw new Told(`${newest.path} cannot be read; export again in the Foley panel.`);
    }
  }

  async function namesIn(folder) {
    try {
      return [...(await fs.readdir(folder))];
    } catch (error) {
      return [];
    }
  }

  return { openPanel, bringBack };
}

/** Letters, digits and dashes of a name. */
function plainName(text) {
  const plain = text.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-");
  return plain.replace(/^-+|-+$/g, "").slice(0, 48);
}

function fileName(path) {
  return path.split(/[\\/]/).pop();
}

/** Run an action; the sentence to show, whatever happens. */
async function told(action) {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Told) return error.message;
    return `Something unexpected happened in Premiere (${error && error.message ? error.message : error}).`;
  }
}

module.exports = { createFoley, told, Told };
