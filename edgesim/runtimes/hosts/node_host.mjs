// What runs in the process of a Node.js function: load the handler, then answer event after event.
//
//     node node_host.mjs DESCRIPTOR FOLDER FILE HANDLER TIMEOUT_S RUNTIME MODULES
//
// Node's standard library only. It reads `[request id, event]` from the pipe and writes
// `["ready"]`, `["log", text]`, for each event `["result", request id, peak kB, value]` or
// `["failed", request id, peak kB, report]`, and, when this process is of no use any more,
// `["fatal", report]`, each as in `frames.py`. FILE is "" if HANDLER alone
// says where the code is, MODULES unless there is a folder that stands for what Lambda brings. Its words are those of Lambda's own runtime interface client, down to
// the names of the errors.
//
// While a handler runs, the pipe does not keep the event loop alive: an empty loop then shows
// itself by "beforeExit", and that is how we know that nothing more can come. Between two events
// Lambda freezes a process; here its timers go on.

import { Buffer } from "node:buffer"; // ours, whatever a function does to the globals
import { spawnSync } from "node:child_process";
import {
  existsSync, openSync, readdirSync, readFileSync, readSync, realpathSync, statSync, writeSync,
} from "node:fs";
import { createRequire, register } from "node:module";
import { Socket } from "node:net";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format, types } from "node:util";

const MAX_RESULT_BYTES = 6 * 1024 * 1024; // Lambda's limit for a synchronous invocation's payload
const MAX_LOG_CHARACTERS = 64 * 1024;
const MAX_MESSAGE_CHARACTERS = 8 * 1024;
const MAX_FILES_CHECKED = 20;
const LENGTH_BYTES = 4;

const { stringify, parse } = JSON; // ours, as above
const exit = process.exit.bind(process);
const PAUSE = new Int32Array(new SharedArrayBuffer(4));

const [descriptor, folder, file, handlerName, timeoutS, runtime, modules] = process.argv.splice(2);
const fd = Number(descriptor);
const limitMs = Number(timeoutS) * 1000;
const version = Number(/^nodejs(\d+)/.exec(runtime)[1]);
const takesCallbacks = version < 24;

// The pipe

const pipe = new Socket({ fd });
let held = ""; // the beginning of a line

// Before this returns, edgesim can read it: an exit right afterwards loses nothing.
function send(payload) {
  const data = Buffer.allocUnsafe(LENGTH_BYTES + Buffer.byteLength(payload));
  data.writeUInt32BE(data.length - LENGTH_BYTES);
  data.write(payload, LENGTH_BYTES);
  for (let sent = 0; sent < data.length; ) {
    try {
      sent += writeSync(fd, data, sent);
    } catch (error) {
      if (error.code !== "EAGAIN") exit(0); // edgesim has gone
      Atomics.wait(PAUSE, 0, 0, 1);
    }
  }
}

function sendLog(text) {
  for (let start = 0; start < (text.length || 1); start += MAX_LOG_CHARACTERS) {
    send(stringify(["log", text.slice(start, start + MAX_LOG_CHARACTERS)]));
  }
}

// Whole lines at once; the rest waits for its end of line.
function say(text) {
  held += text;
  const end = held.lastIndexOf("\n");
  if (end >= 0) {
    const complete = held.slice(0, end);
    held = held.slice(end + 1);
    sendLog(complete);
  }
  if (held.length > MAX_LOG_CHARACTERS) flush();
}

function flush() {
  if (!held) return;
  const rest = held;
  held = "";
  sendLog(rest);
}

// The most that this process ever held; 0 where nobody says so.

const status = Buffer.alloc(4096);
let statusFd;
try {
  statusFd = openSync("/proc/self/status");
} catch {
  // no Linux
}

function peakKb() {
  try {
    const text = status.latin1Slice(0, readSync(statusFd, status, 0, status.length, 0));
    return Number.parseInt(text.slice(text.indexOf("VmHWM:") + 6), 10) || 0;
  } catch {
    return 0;
  }
}

// What a function says

let requestId; // undefined while the module is loaded, and Lambda logs it so

function logged(level, text) {
  say(`${new Date().toISOString()}\t${requestId}\t${level}\t${text}\n`);
}

function captureOutput() {
  const levels = {
    trace: "TRACE", debug: "DEBUG", info: "INFO", log: "INFO", warn: "WARN", error: "ERROR",
  };
  for (const [name, level] of Object.entries(levels)) {
    console[name] = (...values) => logged(level, format(...values));
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (chunk, encoding, done) => {
      say(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
      const callback = typeof encoding === "function" ? encoding : done;
      if (callback) process.nextTick(callback);
      return true;
    };
  }
}

// What goes wrong

class Refused extends Error {
  constructor(kind, message, { cause, hint = "", at } = {}) {
    super(message, { cause });
    Object.assign(this, { kind, hint, at });
  }
}

const roots = [folder, realpathSync(folder)];

// `name` as edgesim knows it, whose folder may be reached through a link; "" if it is not ours.
function own(name) {
  try {
    const plain = name.startsWith("file:") ? fileURLToPath(name) : name;
    const root = roots.find((one) => plain.startsWith(one + path.sep));
    return root ? folder + plain.slice(root.length) : "";
  } catch {
    return "";
  }
}

// A file elsewhere that a source map of the user's names; "" for this one.
function sourceOf(name) {
  const plain = name.startsWith("file:") ? fileURLToPath(name) : name;
  return plain === fileURLToPath(import.meta.url) ? "" : plain;
}

// The lines of `stack` that lie in the user's code, and the first place that is not a package's.
function framesOf(stack) {
  const frames = [];
  for (const text of stack.split("\n")) {
    const match = /^\s+at (?:.*\()?(?:async )?((?:file:\/\/)?\/.*?):(\d+):\d+\)?$/.exec(text);
    const name = match && (own(match[1]) || sourceOf(match[1]));
    if (name) frames.push({ text, file: name, line: Number(match[2]) });
  }
  const packaged = `${path.sep}node_modules${path.sep}`;
  const place = frames.find((frame) => !frame.file.includes(packaged)) ?? frames[0];
  return { lines: frames.map((frame) => frame.text), place };
}

// A stack that begins with a place has it from the compiler.
function compiledAt(error) {
  const match = /^((?:file:\/\/)?\/.*):(\d+)\n/.exec(String(error?.stack));
  const name = match && own(match[1]);
  return name ? { file: name, line: Number(match[2]) } : undefined;
}

function isError(value) {
  return types.isNativeError(value) || value instanceof Error;
}

// What edgesim should know of `thrown`, which may be anything.
function report(thrown) {
  const refused = thrown instanceof Refused;
  const error = refused && thrown.cause !== undefined ? thrown.cause : thrown;
  const known = isError(error);
  const { lines, place } = framesOf(known ? String(error.stack) : "");
  const at = (refused && thrown.at) || compiledAt(error) || place;
  let [kind, message] = [typeof thrown, ""];
  try {
    if (refused) [kind, message] = [thrown.kind, thrown.message];
    else if (known) [kind, message] = [String(thrown.name), String(thrown.message)];
    else message = String(thrown);
  } catch {
    // something that cannot be a string
  }
  return {
    type: kind,
    message: message.slice(0, MAX_MESSAGE_CHARACTERS),
    trace: lines,
    file: at?.file ?? "",
    line: at?.line ?? 0,
    hint: refused ? thrown.hint : "",
  };
}

// Log what was thrown; what edgesim should know of it.
function logError(thrown, title) {
  const told = report(thrown);
  const stack = [`${told.type}: ${told.message}`, ...told.trace];
  flush();
  const shown = { errorType: told.type, errorMessage: told.message, stack };
  logged("ERROR", `${title} \t${stringify(shown)}`);
  return told;
}

// This process cannot go on: its request fails, or its start, and edgesim takes another one.
function die(thrown, title) {
  send(stringify(["fatal", logError(thrown, title)]));
  exit(1);
}

function unhandled(reason) {
  const kind = "Runtime.UnhandledPromiseRejection";
  let message = "";
  try {
    message = String(reason);
  } catch {
    // as above
  }
  die(new Refused(kind, message, { cause: reason }), "Unhandled Promise Rejection");
}

// Loading

const SDK = /(["'])(?:@aws-sdk\/|@smithy\/|aws-sdk)[^"']*\1/;
const NO_MODULE = new Set(["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"]);

function importError(error) {
  const message = error.message.split("\nRequire stack:")[0];
  const [, name, importer] = /'([^']+)' imported from (.+)$/.exec(message) ?? [];
  const wanted = /'([^']+)'/.exec(message)?.[1] ?? "the package";
  let hint = "packages belong beside the code, as in the archive that is deployed: npm install";
  if (SDK.test(message)) {
    const sdk = wanted.split("/").slice(0, wanted.startsWith("@") ? 2 : 1).join("/");
    hint = `Lambda brings the AWS SDK, edgesim does not: npm install ${sdk} beside the code`;
    hint += ", or give a folder that has it: --aws-sdk FOLDER";
  } else if (/^[./]/.test(wanted) || wanted === "index") {
    hint = "a relative import names the file whole in an ES module: ./other.mjs";
  }
  const at = importer && { file: own(importer) || importer, line: lineOf(importer, name) };
  return new Refused("Runtime.ImportModuleError", `Error: ${message}`, { cause: error, hint, at });
}

// Where `importer` names what it imports; Node says no more than the file.
function lineOf(importer, name) {
  const wanted = path.isAbsolute(name) ? path.basename(name) : name;
  const lines = readFileSync(importer, "utf8").split("\n");
  const found = lines.findIndex((line) => /["']/.test(line) && line.includes(wanted));
  return found < 0 ? 1 : found + 1;
}

// ES modules look for packages beside themselves only; Lambda's Node.js has them look further.
function alsoFrom(folder) {
  const parent = pathToFileURL(path.join(folder, "..", "index.mjs")).href;
  register(`data:text/javascript,${encodeURIComponent(`
    export async function resolve(name, context, next) {
      try {
        return await next(name, context);
      } catch (error) {
        if (error.code !== "ERR_MODULE_NOT_FOUND" || /^[./]|^[a-z]+:/.test(name)) throw error;
        return next(name, { ...context, parentURL: ${stringify(parent)} }).catch(() => {
          throw error;
        });
      }
    }
  `)}`);
}

// Where the syntax error is that Node keeps to itself when it imports an ES module.
function checkedAt(first) {
  const others = readdirSync(folder)
    .filter((name) => /\.m?js$/.test(name))
    .map((name) => path.join(folder, name))
    .filter((name) => name !== first);
  for (const name of [first, ...others].slice(0, MAX_FILES_CHECKED)) {
    const { stderr } = spawnSync(process.execPath, ["--check", name], { encoding: "utf8" });
    const at = compiledAt({ stack: stderr });
    if (at) return at;
  }
  return undefined;
}

function loadError(error, location) {
  if (NO_MODULE.has(error?.code)) return importError(error);
  if (!(error instanceof SyntaxError)) return error;
  let at = compiledAt(error);
  if (!at) {
    if (framesOf(String(error.stack)).place) return error; // JSON.parse, say
    at = checkedAt(location);
  }
  const outside = /outside a module|Unexpected token 'export'/.test(error.message);
  const hint = outside ? 'name the file .mjs, or write "type": "module" into package.json' : "";
  const message = `SyntaxError: ${error.message}`;
  return new Refused("Runtime.UserCodeSyntaxError", message, { cause: error, hint, at });
}

function isFile(name) {
  return existsSync(name) && statSync(name).isFile();
}

// Whether the package.json that is nearest to `name` makes a .js file an ES module.
function inModulePackage(name) {
  for (let at = path.dirname(name); ; at = path.dirname(at)) {
    const manifest = path.join(at, "package.json");
    if (isFile(manifest)) {
      try {
        return parse(readFileSync(manifest, "utf8")).type === "module";
      } catch {
        return false;
      }
    }
    if (path.basename(at) === "node_modules" || at === path.dirname(at)) return false;
  }
}

// The file of a module, and whether it is imported or required.
function candidate(base) {
  const byPackage = inModulePackage(base);
  const kinds = [["", false], [".js", byPackage], [".mjs", true], [".cjs", false]];
  const typed = [[".ts", byPackage], [".mts", true], [".cts", false]];
  if (version >= 24 && process.features.typescript) kinds.push(...typed);
  for (const [ending, imported] of kinds) {
    if (isFile(base + ending)) return { location: base + ending, imported };
  }
  const untyped = version >= 24 && typed.map(([ending]) => base + ending).find(isFile);
  if (untyped) {
    const message = `Node.js ${process.version} cannot run ${path.basename(untyped)}`;
    throw new Refused("Runtime.ImportModuleError", message, {
      hint: "install Node.js 24, or compile it to JavaScript",
    });
  }
  return undefined;
}

// The file that `handlerName` means, and the path of the export in it.
function located() {
  if (file) {
    const name = path.join(folder, file);
    const imported = /\.m[jt]s$/.test(file) || (/\.[jt]s$/.test(file) && inModulePackage(name));
    const exported = handlerName.slice(path.parse(file).name.length + 1);
    return { location: name, imported, exported };
  }
  if (handlerName.includes("..")) {
    const message = `'${handlerName}' is not a valid handler name: it has '..' in it`;
    throw new Refused("Runtime.MalformedHandlerName", message);
  }
  const last = path.basename(handlerName);
  const [, module, exported] = /^([^.]*)\.(.+)$/.exec(last) ?? [];
  if (!module) throw new Refused("Runtime.MalformedHandlerName", "Bad handler");
  const named = path.join(handlerName.slice(0, handlerName.lastIndexOf(last)), module);
  const found = candidate(path.resolve(folder, named));
  if (found) return { ...found, exported };
  const base = path.join(folder, "index.js");
  try {
    const location = createRequire(base).resolve(named, { paths: [folder] });
    return { location, imported: false, exported };
  } catch {
    const message = `Error: Cannot find module '${named}'`;
    throw new Refused("Runtime.ImportModuleError", message, {
      hint: `add ${named}.mjs or ${named}.js to the code folder, or correct handler`,
    });
  }
}

// The function that `handlerName` names, its module loaded.
async function load() {
  const { location, imported, exported } = located();
  if (modules) alsoFrom(modules);
  let module;
  try {
    module = imported
      ? await import(pathToFileURL(location).href)
      : createRequire(path.join(folder, "index.js"))(location);
  } catch (error) {
    throw loadError(error, location);
  }
  const handler = exported.split(".").reduce((value, key) => value?.[key], module);
  const at = { file: own(location) || location, line: 1 };
  if (typeof handler !== "function") {
    const what = handler ? "is not a function" : "is undefined or not exported";
    throw new Refused("Runtime.HandlerNotFound", `${handlerName} ${what}`, {
      at,
      hint: `write export const ${exported} = async (event) => … or exports.${exported} = …`,
    });
  }
  if (!takesCallbacks && handler.length >= 3) {
    const message =
      `Node.js ${version} on Lambda has no callbacks any more, and ${handlerName} ` +
      `declares ${handler.length} parameters`;
    throw new Refused("Runtime.CallbackHandlerDeprecated", message, { at });
  }
  return handler;
}

// Running

let whenEmpty; // what to do once the event loop has nothing left to wait for

function contextFor(id) {
  const variables = process.env;
  const functionName = variables.AWS_LAMBDA_FUNCTION_NAME;
  const functionVersion = variables.AWS_LAMBDA_FUNCTION_VERSION;
  const name = functionName.slice(functionName.indexOf(".") + 1);
  const account = "arn:aws:lambda:us-east-1:123456789012";
  const deadline = performance.now() + limitMs;
  return {
    functionVersion,
    functionName,
    memoryLimitInMB: variables.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: variables.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: variables.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: undefined,
    identity: undefined,
    invokedFunctionArn: `${account}:function:${name}:${functionVersion}`,
    awsRequestId: id,
    tenantId: undefined,
    getRemainingTimeInMillis: () => Math.floor(deadline - performance.now()),
  };
}

function marshalled(result) {
  let json;
  try {
    json = stringify(result) ?? "null"; // undefined and functions have no JSON
  } catch (error) {
    const message = `Unable to stringify response body: ${String(error?.message).split("\n")[0]}`;
    throw new Refused("Runtime.JSONStringifyError", message, { cause: error });
  }
  if (Buffer.byteLength(json) > MAX_RESULT_BYTES) {
    const message = `Response payload size exceeded ${MAX_RESULT_BYTES} bytes`;
    throw new Refused("Function.ResponseSizeTooLarge", message);
  }
  return `["result","${requestId}",${peakKb()},${json}]`;
}

// The end of one invocation. The turn that it waits gives a rejection that nobody handles the
// time to show itself, so that it costs the request that caused it.
function finish(thrown, failed, result) {
  whenEmpty = undefined;
  setImmediate(() => {
    whenEmpty = undefined;
    pipe.ref();
    if (!failed) {
      try {
        const payload = marshalled(result);
        flush();
        return send(payload);
      } catch (error) {
        thrown = error;
      }
    }
    const told = logError(thrown, "Invoke Error");
    return send(stringify(["failed", requestId, peakKb(), told]));
  });
}

// Node.js 22 and before: whatever completes first counts, and values that are returned do not.
function runWithCallback(handler, event, context) {
  let completed = false;
  let waits = true;
  const once = (complete) => (...values) => {
    if (completed) return;
    completed = true;
    complete(...values);
  };
  const given = (error) => error !== undefined && error !== null;
  const end = (error, result) => finish(error, given(error), result);
  const done = once(end);
  const fail = once((error) => finish(given(error) ? error : "handled", true));
  const callback = once((error, result) => {
    if (given(error) || !waits) end(error, result);
    else whenEmpty = () => end(null, result);
  });
  Object.defineProperty(context, "callbackWaitsForEmptyEventLoop", {
    get: () => waits,
    set: (value) => {
      waits = value;
    },
    enumerable: true,
  });
  Object.assign(context, { done, fail, succeed: (result) => done(null, result) });
  whenEmpty = types.isAsyncFunction(handler) ? once(neverSettled) : () => done(null, null);
  try {
    const returned = handler(event, context, callback);
    if (typeof returned?.then === "function") {
      const raised = once((error) => finish(error, true));
      Promise.resolve(returned).then((result) => done(null, result), raised);
    }
  } catch (error) {
    once((thrown) => finish(thrown, true))(error);
  }
}

// Node.js 24: a result, or a promise of one.
async function run(handler, event, context) {
  let completed = false;
  whenEmpty = () => {
    completed = true;
    neverSettled();
  };
  try {
    const result = await handler(event, context);
    if (!completed) finish(null, false, result);
  } catch (error) {
    if (!completed) finish(error, true);
  }
}

function neverSettled() {
  const message = "the handler's promise never settled, and nothing was left to wait for";
  finish(new Refused("Runtime.NodeJsExit", message), true);
}

function serve(handler) {
  let received = Buffer.alloc(0);
  const invoke = takesCallbacks ? runWithCallback : run;
  pipe.on("data", (data) => {
    received = received.length ? Buffer.concat([received, data]) : data;
    while (received.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + received.readUInt32BE(0);
      if (received.length < end) return;
      const [id, event] = parse(received.toString("utf8", LENGTH_BYTES, end));
      received = received.subarray(end);
      requestId = id;
      pipe.unref();
      invoke(handler, event, contextFor(id));
    }
  });
}

process.on("uncaughtException", (error) => die(error, "Uncaught Exception"));
process.on("unhandledRejection", unhandled);
process.on("exit", flush);
process.on("beforeExit", () => whenEmpty?.());
for (const event of ["end", "close", "error"]) pipe.on(event, () => exit(0)); // edgesim has gone
captureOutput();

whenEmpty = () => {
  const message = "the module waits for something, and nothing was left to wait for";
  die(new Refused("Runtime.ExitError", message), "Init Error");
};
pipe.unref();
try {
  const handler = await load();
  whenEmpty = undefined;
  flush();
  serve(handler);
  pipe.ref();
  send('["ready"]');
} catch (error) {
  die(error, "Init Error");
}
