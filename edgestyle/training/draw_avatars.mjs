// Draws avatars with DiceBear. The job comes as one line of JSON on stdin; a line of JSON goes out for every picture.
// Run by avatar_drawing.py in the folder whose node_modules holds the packages.
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";

async function load(name) {
  try {
    return await import(name);
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    console.log(JSON.stringify({ missing: name }));
    process.exit(3);
  }
}

async function versionOf(name) {
  try {
    return JSON.parse(await readFile(join("node_modules", name, "package.json"), "utf8")).version;
  } catch {
    return "unknown"; // installed in a folder further up
  }
}

const job = JSON.parse(await text(process.stdin));
const { createAvatar } = await load("@dicebear/core");
const collection = await load("@dicebear/collection");
const { Resvg } = await load("@resvg/resvg-js");
const style = collection[job.style];
const versions = {};
for (const name of ["@dicebear/core", "@dicebear/collection", "@resvg/resvg-js"]) versions[name] = await versionOf(name);
console.log(JSON.stringify({ meta: style.meta, versions }));

for (const { file, seed } of job.pictures) {
  const avatar = createAvatar(style, { ...job.options, seed });
  const png = new Resvg(avatar.toString(), { fitTo: { mode: "width", value: job.size } }).render().asPng();
  const path = join(job.folder, file);
  await writeFile(`${path}.part`, png);
  await rename(`${path}.part`, path);
  console.log(JSON.stringify({ file, seed, drawn: avatar.toJson().extra }));
}
