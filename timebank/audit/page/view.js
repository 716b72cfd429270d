// The page around the verifier: takes the folder, shows how far the work is, and the result.

const byId = (id) => document.getElementById(id);

// Text only, never markup: evidence quotes files that somebody may have forged.
function node(name, content = [], attributes = {}) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...[].concat(content));
  return made;
}

const both = ([chinese, english]) => [`${chinese} `, node("span", english, { lang: "en" })];

function notice(words) {
  byId("notice").replaceChildren(...both(words));
  byId("notice").hidden = false;
}

// Choosing ------------------------------------------------------------------------------------

let chosen = [];

// files: [[path, File]], where each path begins with the chosen folder's own name.
function choose(files) {
  chosen = files.map(([path, file]) => [path.slice(path.indexOf("/") + 1), file]);
  const isBundle = chosen.some(([path]) => path === "manifest.json" || path.startsWith("log/"));
  byId("notice").hidden = true;
  byId("result").hidden = true;
  if (!isBundle) {
    notice(["这不是账本包的文件夹：里面应当有 manifest.json 和 log。请选本页所在的那一个（解压以后的）。",
      "No bundle: it should have manifest.json and log in it. Choose the folder in which this page lies."]);
    chosen = [];
  }
  const name = files.length ? files[0][0].split("/")[0] : "";
  byId("chosen").replaceChildren(...both(chosen.length
    ? [`已选：${name}，${chosen.length} 个文件。`, `Chosen: ${chosen.length} files.`]
    : ["还没有选。", "Nothing chosen yet."]));
}

// What a dropped folder holds.  Chrome lets a page from the disk read it by handles alone.
async function filesOfHandle(handle, path) {
  if (handle.kind === "file") return [[path, await handle.getFile()]];
  const files = [];
  for await (const one of handle.values()) {
    files.push(...(await filesOfHandle(one, `${path}/${one.name}`)));
  }
  return files;
}

// The same in browsers that have no handles.
async function filesUnder(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [[entry.fullPath.slice(1), file]];
  }
  const reader = entry.createReader();
  const files = [];
  for (;;) {
    // Answers at most a hundred at a time, and none when it has told all.
    const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return files;
    for (const one of entries) files.push(...(await filesUnder(one)));
  }
}

byId("folder").addEventListener("change", ({ target }) => {
  if (target.files.length) choose([...target.files].map((file) => [file.webkitRelativePath, file]));
});
for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    document.body.classList.add("dragged");
  });
}
document.addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) document.body.classList.remove("dragged");
});
document.addEventListener("drop", async (event) => {
  event.preventDefault();
  document.body.classList.remove("dragged");
  // Entry and handle are asked for at once: behind the first wait the browser has forgotten them.
  const items = [...event.dataTransfer.items].map((item) => [item, item.webkitGetAsEntry()]);
  const [item, entry] = items.find(([, one]) => one && one.isDirectory) || [];
  const handle = item && item.getAsFileSystemHandle && item.getAsFileSystemHandle();
  try {
    if (handle) choose(await filesOfHandle(await handle, entry.name));
    else choose(entry ? await filesUnder(entry) : []);
  } catch (error) {
    choose([]);
    notice(["浏览器读不了拖进来的文件夹，请点“选文件夹”。",
      `The browser cannot read the dropped folder (${error.message}). Use the button instead.`]);
  }
});

// Working -------------------------------------------------------------------------------------

function showProgress(part) {
  const percent = Math.floor(100 * part);
  byId("progress").value = percent;
  byId("percent").textContent = `${percent}%`;
}

// In a worker, so that the page stays alive; where the browser allows none, here in slices.
function work(question) {
  return new Promise((resolve, reject) => {
    const here = () => verifyBundle(question, showProgress).then(resolve, reject);
    let worker;
    try {
      const source = new Blob([byId("verifier").textContent], { type: "text/javascript" });
      worker = new Worker(URL.createObjectURL(source));
    } catch {
      here();
      return;
    }
    let begun = false;
    worker.onmessage = ({ data }) => {
      begun = true;
      if (data.part !== undefined) {
        showProgress(data.part);
        return;
      }
      worker.terminate();
      if (data.report) resolve(data.report);
      else reject(new Error(data.error));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      if (begun) reject(new Error(event.message));
      else here();
    };
    worker.postMessage(question);
  });
}

byId("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("notice").hidden = true;
  byId("result").hidden = true;
  if (chosen.length === 0) {
    notice(["请先选账本包的文件夹。", "Choose the bundle's folder first."]);
    byId("folder").focus();
    return;
  }
  const vkey = byId("vkey").value.trim() || null;
  try {
    if (vkey !== null) parseVkey(vkey);
  } catch (error) {
    notice(["填的公钥读不出来，请整行复制。", `The key cannot be read: ${error.message}.`]);
    byId("vkey").focus();
    return;
  }
  byId("start").disabled = true;
  byId("working").hidden = false;
  showProgress(0);
  try {
    const [since = null] = byId("since").files;
    const page = chosen.find(([path]) => path === "核验.html");
    const report = await work({ files: chosen, vkey, since, own: byId("own").checked });
    report.pageHash = page ? await hashOfFile(page[1], () => {}) : null;
    show(report);
  } catch (error) {
    notice(["核验没有做完，没有结论。请重试，或改用 timebank-verify。",
      `The check did not finish, so nothing is said: ${error.message}`]);
  } finally {
    byId("start").disabled = false;
    byId("working").hidden = true;
  }
});

// Result --------------------------------------------------------------------------------------

let lines = [];

function show(report) {
  const faults = report.findings.length + report.leftOut;
  const unchecked = report.unchecked.length;
  const verdict = faults > 0 ? "failed" : unchecked > 0 ? "partial" : "passed";
  byId("verdict").className = verdict;
  byId("verdict").replaceChildren(...both(VERDICTS[verdict]));
  const claim = report.identity
    ? report.freshness ? "both" : "identity"
    : report.freshness ? "freshness" : "neither";
  byId("claim").replaceChildren(...both({
    passed: CLAIMS[claim],
    failed: [`发现 ${faults} 处问题，见下表。这个包不能当作凭据。`,
      `${faults} faults, listed below. This bundle is no evidence.`],
    partial: [`查过的没有问题，但有 ${unchecked} 个签名没有查，列在下面。不能算通过：请不勾「只用本页自带的签名算法」再核，或改用 timebank-verify。`,
      `No fault in what was checked, but ${unchecked} signatures were not; they are listed below. Check again without “only this page's own code”, or by timebank-verify.`],
  }[verdict]));
  byId("facts").replaceChildren(...factsOf(report).flatMap(([words, value]) =>
    [node("dt", both(words)), node("dd", value)]));
  byId("checks").replaceChildren(...CHECKS.map((check) => checkRow(report, check)));
  byId("limits").replaceChildren(...limitsOf(report, faults === 0));
  showFaults(report, faults);
  byId("result").hidden = false;
  byId("result").focus();
}

const factsOf = (report) => [
  [["日志", "Log"], report.origin || "—"],
  [["叶数", "Leaves"], String(report.size)],
  ...(report.judged < report.size
    ? [[["记账判到", "Books judged up to"], `${report.judged} / ${report.size}`]] : []),
  [["树根", "Root"], report.root || "—"],
  [["凭证", "Entries"], String(report.entries)],
  [["账户", "Accounts"], String(report.accounts)],
  [["各账户合计", "Sum of all accounts"], `${report.postedSum}`],
  [["签名", "Signatures"], `${report.signatures} (${report.algorithm || "—"})`],
  [["文件", "Files"], String(report.files)],
];

function reached(report, stage) {
  if (stage === "freshness") return report.freshness;
  if (stage === "elsewhere") return false; // This page has no policy file and asks for no size.
  if (stage === "files") return true;
  if (stage === "manifest") return report.read && report.signedManifest;
  return report.read; // "books" and "signatures"
}

function checkRow(report, [words, rules, stage]) {
  const failed = rules.some((rule) => report.rules.includes(rule));
  let [kind, told] = ["good", ["✓ 通过", "passed"]];
  if (failed) [kind, told] = ["bad", ["✗ 不通过", "failed"]];
  else if (!reached(report, stage)) [kind, told] = ["open", ["未查", "not checked"]];
  else if (["books", "signatures"].includes(stage) && report.judged < report.size) {
    kind = "open";
    told = [`只查了前 ${report.judged} 叶`, `only the first ${report.judged} leaves`];
  } else if (stage === "signatures" && report.unchecked.length) {
    kind = "open";
    told = [`${report.unchecked.length} 个签名没有查`, `${report.unchecked.length} signatures not checked`];
  }
  return node("tr", [node("td", both(words)), node("td", both(told), { class: kind })]);
}

function limitsOf(report, passed) {
  const told = [];
  const tell = (name, ...more) => told.push(node("li", [...both(LIMITS[name]), ...more]));
  if (report.unchecked.length) tell("signatures", " ", node("code", shortened(report.unchecked)));
  if (!report.identity) tell("identity");
  tell(report.freshness ? "newest" : "freshness");
  if (!passed && report.read && report.judged < report.size) tell("damaged");
  if (!report.signedManifest) tell("manifest");
  tell("page", " ", node("code", report.pageHash || "—"));
  const hashOnly = report.hashOnly.filter((path) => path !== "核验.html");
  if (hashOnly.length) tell("hashOnly", " ", node("code", hashOnly.join(", ")));
  for (const name of ["facts", "witnesses", "links"]) tell(name);
  return told;
}

const MOST_NAMED = 100;

function shortened(unchecked) {
  const named = unchecked.slice(0, MOST_NAMED).map(([leaf, name]) => `${leaf} ${name}`).join(", ");
  const more = unchecked.length - MOST_NAMED;
  return more > 0 ? `${named} … (+${more})` : named;
}

function showFaults(report, faults) {
  lines = report.findings.map(({ file, leaf, rule, evidence }) =>
    `${file}${leaf === null ? "" : ` leaf ${leaf}`}: ${rule}: ${evidence}`);
  if (report.leftOut) lines.push(`… ${report.leftOut}`);
  byId("faults-part").hidden = faults === 0;
  const cut = report.leftOut ? `，只列出前 ${report.findings.length} 处` : "";
  byId("faults-title").replaceChildren(...both([`问题清单（${faults} 处${cut}）`, "Faults"]));
  byId("copied").textContent = "";
  byId("faults").replaceChildren(...report.findings.map(({ file, leaf, rule, evidence }) =>
    node("tr", [
      node("td", node("code", file)),
      node("td", leaf === null ? "—" : String(leaf)),
      node("td", [...both(RULES[rule]), " ", node("code", rule)]),
      node("td", evidence),
    ])));
}

byId("print").addEventListener("click", () => window.print());
byId("copy").addEventListener("click", () => {
  // The old way, because the clipboard's interface is refused to some pages from the disk.
  const area = node("textarea", lines.join("\n"));
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  byId("copied").textContent = done ? "已复制 Copied" : "浏览器不允许复制 The browser refused";
  byId("copy").focus();
});
byId("own").checked = new URLSearchParams(location.search).get("own") === "1";
