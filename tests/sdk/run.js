// Opper's official SDK, unmodified, against `assay serve`.
//   node run.js ASSAY [test name pattern]
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { randomUUID } from "node:crypto";
import { Opper } from "opperai";
import * as errors from "opperai/models/errors";

const assay = process.argv[2] ?? process.env.ASSAY;
const folder = mkdtempSync(join(tmpdir(), "assay-sdk-"));
const servers = [];

const program = `
require("node:readline").createInterface({input: process.stdin}).on("line", (line) => {
  const call = JSON.parse(line);
  const say = (answer) => console.log(JSON.stringify({id: call.id, ...answer}));
  if (call.name === "broken") { process.stderr.write("out of order"); process.exit(3); }
  if (call.name === "limited") return say({error: "slow down", status: 429, retry_after: 7});
  const output = call.output_schema ? {people: [{name: "Ada", age: 36}], ok: true} : "said: " + JSON.stringify(call.input ?? null);
  say({output, usage: {input_tokens: 3, output_tokens: 4, output_tokens_details: {reasoning_tokens: 0}, total_tokens: 7},
    cost: {generation: 0.25, platform: 0.125, total: 0.375}, model: "test/echo"});
});
`;

function serve(args = [], env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(assay, ["serve", "--port", "0", "--db", join(folder, `serve-${servers.length}.db`), ...args], {
      env: { PATH: process.env.PATH, HOME: folder, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    servers.push(child);
    let out = "";
    let err = "";
    child.stderr.on("data", (c) => (err += c));
    child.stdout.on("data", (c) => {
      out += c;
      const found = out.match(/OPPER_BASE_URL=(\S+)/);
      if (found) resolve({ url: found[1], child, out });
    });
    child.on("exit", (code) => reject(new Error(`assay serve ended with ${code}: ${err}`)));
  });
}

let url;
let opper;

before(async () => {
  const path = join(folder, "answer.cjs");
  writeFileSync(path, program);
  ({ url } = await serve(["--answer-with", `'${process.execPath}' '${path}'`, "--worker", "--concurrency", "4"]));
  opper = new Opper({ httpBearer: "any-key", serverURL: url });
});

after(async () => {
  for (const child of servers) {
    const ended = new Promise((resolve) => child.on("exit", resolve));
    child.kill("SIGTERM");
    assert.equal(await ended, 0);
  }
  rmSync(folder, { recursive: true });
});

const throws = (promise, kind, status) =>
  assert.rejects(promise, (e) => {
    assert.ok(e instanceof kind, `${e?.constructor?.name}: ${e?.message}`);
    assert.equal(e.statusCode, status);
    return true;
  });

describe("spans", () => {
  test("a name is enough", async () => {
    const span = await opper.spans.create({ name: "session" });
    assert.match(span.id, /^[0-9a-f-]{36}$/);
    assert.match(span.traceId, /^[0-9a-f-]{36}$/);
    assert.equal(span.name, "session");
    assert.ok(Math.abs(span.startTime - new Date()) < 60000);
    assert.equal(span.endTime, null);
  });

  test("everything comes back", async () => {
    const sent = {
      id: randomUUID(),
      traceId: randomUUID(),
      name: "round 1",
      type: "workflow",
      startTime: new Date("2026-01-02T03:04:05.678Z"),
      endTime: new Date("2026-01-02T03:04:06.789Z"),
      input: { q: ["a", 1.5, null, { deep: true }] },
      output: ["x", 2],
      error: "Exception: nothing",
      meta: { k: "v", n: 3, o: { p: [1] } },
      score: 9,
    };
    const span = await opper.spans.create(sent);
    const got = await opper.spans.get(span.id);
    for (const s of [span, got]) {
      for (const [key, value] of Object.entries(sent)) {
        assert.deepEqual(s[key], value, key);
      }
      assert.equal(s.parentId, null);
    }
    assert.equal(got.feedback ?? null, null);
  });

  test("update with success, with error, and what cannot be changed stays", async () => {
    const span = await opper.spans.create({ name: "work", input: "q", meta: { a: 1 } });
    const end = new Date();
    const done = await opper.spans.update(span.id, { output: "the answer", endTime: end, meta: { b: 2 }, score: 10 });
    assert.equal(done.id, span.id);
    assert.equal(done.traceId, span.traceId);
    assert.equal(done.output, "the answer");
    assert.equal(done.input, "q");
    assert.equal(done.name, "work");
    assert.deepEqual(done.endTime, end);
    assert.deepEqual(done.meta, { a: 1, b: 2 });
    assert.equal(done.score, 10);
    const failed = await opper.spans.update(span.id, { error: "Exception: it broke" });
    assert.equal(failed.error, "Exception: it broke");
    assert.equal(failed.output, "the answer");
    const unchanged = await opper.spans.update(span.id, { output: null, error: null });
    assert.equal(unchanged.output, "the answer");
    const renamed = await opper.spans.update(span.id, { name: "other", type: "t", input: "new", startTime: end });
    assert.equal(renamed.name, "other");
    assert.equal(renamed.input, "new");
    assert.deepEqual(renamed.startTime, end);
    assert.deepEqual(await opper.spans.get(span.id), { ...renamed, feedback: null });
  });

  test("nested spans share a trace", async () => {
    const root = await opper.spans.create({ name: "session" });
    const round = await opper.spans.create({ name: "round", parentId: root.id });
    const leaf = await opper.spans.create({ name: "completion", parentId: round.id, traceId: root.traceId });
    assert.equal(round.traceId, root.traceId);
    assert.equal(leaf.traceId, root.traceId);
    assert.equal(leaf.parentId, round.id);
    const trace = await opper.traces.get(root.traceId);
    assert.deepEqual(trace.spans.map((s) => [s.name, s.parentId]), [
      ["session", null],
      ["round", root.id],
      ["completion", round.id],
    ]);
  });

  test("a child may come before its parent", async () => {
    const parent = randomUUID();
    const traceId = randomUUID();
    await opper.spans.create({ name: "child", parentId: parent, traceId });
    await opper.spans.create({ name: "parent", id: parent, traceId });
    const trace = await opper.traces.get(traceId);
    assert.equal(trace.name, "parent");
    assert.equal(trace.spans.length, 2);
  });

  test("delete", async () => {
    const span = await opper.spans.create({ name: "gone" });
    await opper.spanMetrics.createMetric(span.id, { dimension: "d", value: 1 });
    assert.equal(await opper.spans.delete(span.id), undefined);
    await throws(opper.spans.get(span.id), errors.NotFoundError, 404);
    await throws(opper.spans.delete(span.id), errors.NotFoundError, 404);
    await throws(opper.spanMetrics.list(span.id), errors.NotFoundError, 404);
    await throws(opper.traces.get(span.traceId), errors.NotFoundError, 404);
  });

  test("the same id: the same span once more, or a conflict", async () => {
    const sent = { id: randomUUID(), name: "once", input: { a: 1 } };
    const first = await opper.spans.create(sent);
    const again = await opper.spans.create(sent);
    assert.deepEqual(again, first);
    await assert.rejects(opper.spans.create({ ...sent, name: "twice" }), (e) => e.statusCode === 409);
  });

  test("feedback", async () => {
    const span = await opper.spans.create({ name: "answer" });
    const given = await opper.spans.submitFeedback(span.id, { score: 1, comment: "gut 👍", saveToDataset: false });
    assert.deepEqual({ ...given }, { spanId: span.id, score: 1, comment: "gut 👍", exampleSaved: false });
    await opper.spans.submitFeedback(span.id, { score: 0.25 });
    const got = await opper.spans.get(span.id);
    assert.equal(got.feedback.score, 0.25);
    await throws(opper.spans.submitFeedback(span.id, { score: 2 }), errors.RequestValidationError, 422);
    await throws(opper.spans.submitFeedback(randomUUID(), { score: 1 }), errors.NotFoundError, 404);
  });

  test("unicode and control characters", async () => {
    const text = 'ä 日本語 \u{1F600} "quoted" \\ back\nline\ttab \u0001 \u202e \0 nul </script> ${x} %s %2F';
    const span = await opper.spans.create({ name: text, input: text, output: { [text]: [text] }, error: text, meta: { [text]: text } });
    const got = await opper.spans.get(span.id);
    assert.equal(got.name, text);
    assert.equal(got.input, text);
    assert.deepEqual(got.output, { [text]: [text] });
    assert.equal(got.error, text);
    assert.deepEqual(got.meta, { [text]: text });
  });

  test("outputs of 1 MB", async () => {
    const big = "é".repeat(500_000) + "\u0007".repeat(24_288);
    const span = await opper.spans.create({ name: "big", input: { big } });
    const done = await opper.spans.update(span.id, { output: big });
    assert.equal(done.output, big);
    const got = await opper.spans.get(span.id);
    assert.equal(got.input.big, big);
    const trace = await opper.traces.get(span.traceId);
    assert.equal(trace.spans[0].data.output, big);
    assert.equal(trace.spans[0].data.input, JSON.stringify({ big }));
  });

  test("a body over 16 MiB is refused", async () => {
    await assert.rejects(opper.spans.create({ name: "x", input: "x".repeat(17 << 20) }), (e) => e.statusCode === 413 || /fetch|reset|EPIPE|socket/i.test(String(e)));
    await opper.spans.create({ name: "still there" });
  });

  test("200 creates at once", async () => {
    const traceId = randomUUID();
    const spans = await Promise.all(Array.from({ length: 200 }, (_, i) => opper.spans.create({ name: `span ${i}`, traceId })));
    assert.equal(new Set(spans.map((s) => s.id)).size, 200);
    const trace = await opper.traces.get(traceId);
    assert.equal(trace.spans.length, 200);
    assert.equal(new Set(trace.spans.map((s) => s.name)).size, 200);
    await Promise.all(spans.map((s, i) => opper.spanMetrics.createMetric(s.id, { dimension: "n", value: i })));
    const whole = await opper.traces.get(traceId);
    assert.deepEqual(whole.spans.map((s) => [s.name, s.metrics[0].value]).sort(), spans.map((s, i) => [s.name, i]).sort());
  });
});

describe("errors", () => {
  test("401", async () => {
    await throws(new Opper({ serverURL: url, httpBearer: "" }).spans.create({ name: "x" }), errors.UnauthorizedError, 401);
    const locked = await serve([], { OPPER_API_KEY: "right-key" });
    await throws(new Opper({ serverURL: locked.url, httpBearer: "wrong-key" }).spans.create({ name: "x" }), errors.UnauthorizedError, 401);
    await throws(new Opper({ serverURL: locked.url, httpBearer: "right-key2" }).traces.list(), errors.UnauthorizedError, 401);
    assert.ok(!locked.out.includes("right-key"));
    const span = await new Opper({ serverURL: locked.url, httpBearer: "right-key" }).spans.create({ name: "x" });
    assert.equal(span.name, "x");
    assert.equal((await new Opper({ serverURL: locked.url, httpBearer: "Bearer right-key" }).spans.get(span.id)).id, span.id);
  });

  test("404 says what", async () => {
    const id = randomUUID();
    await throws(opper.spans.get(id), errors.NotFoundError, 404);
    await throws(opper.spans.update(id, { name: "x" }), errors.NotFoundError, 404);
    await throws(opper.traces.get(id), errors.NotFoundError, 404);
    await throws(opper.spanMetrics.createMetric(id, { dimension: "d", value: 1 }), errors.NotFoundError, 404);
    const error = await opper.spans.get(id).catch((e) => e);
    assert.equal(error.type, "NotFoundError");
    assert.equal(error.message, "The resource was not found");
    assert.equal(error.detail, `Span ${id} not found`);
  });

  test("422", async () => {
    await throws(opper.spans.get("no-uuid"), errors.RequestValidationError, 422);
    await throws(opper.spans.create({ name: "x", parentId: "no-uuid" }), errors.RequestValidationError, 422);
    await throws(opper.traces.list(undefined, 0, 1000), errors.RequestValidationError, 422);
    await throws(opper.spanMetrics.list(randomUUID(), -1), errors.RequestValidationError, 422);
    const error = await opper.spans.create({ name: "x", id: "1" }).catch((e) => e);
    assert.equal(error.type, "RequestValidationError");
    assert.deepEqual(error.detail[0].loc, ["body", "id"]);
    assert.equal(error.detail[0].input, "1");
  });

  test("save_examples has no data set to save to", async () => {
    const span = await opper.spans.create({ name: "x" });
    await throws(opper.spans.saveExamples(span.id), errors.NotFoundError, 404);
  });
});

describe("metrics", () => {
  test("create, get, update, delete", async () => {
    const span = await opper.spans.create({ name: "measured" });
    const metric = await opper.spanMetrics.createMetric(span.id, { dimension: "accuracy", value: 0.92, comment: "why" });
    assert.equal(metric.spanId, span.id);
    assert.equal(metric.dimension, "accuracy");
    assert.equal(metric.value, 0.92);
    assert.equal(metric.comment, "why");
    assert.ok(Math.abs(metric.createdAt - new Date()) < 60000);
    assert.deepEqual(await opper.spanMetrics.get(span.id, metric.id), metric);
    const changed = await opper.spanMetrics.updateMetric(span.id, metric.id, { value: 8.5, comment: "better" });
    assert.deepEqual(changed, { ...metric, value: 8.5, comment: "better" });
    assert.equal((await opper.spanMetrics.updateMetric(span.id, metric.id, { dimension: "other" })).value, 8.5);
    assert.equal(await opper.spanMetrics.delete(span.id, metric.id), undefined);
    await throws(opper.spanMetrics.get(span.id, metric.id), errors.NotFoundError, 404);
    await throws(opper.spanMetrics.delete(span.id, metric.id), errors.NotFoundError, 404);
    await throws(opper.spanMetrics.updateMetric(span.id, metric.id, { value: 1 }), errors.NotFoundError, 404);
  });

  test("a metric is found below its own span only", async () => {
    const [a, b] = await Promise.all(["a", "b"].map((name) => opper.spans.create({ name })));
    const metric = await opper.spanMetrics.createMetric(a.id, { dimension: "d", value: 1 });
    await throws(opper.spanMetrics.get(b.id, metric.id), errors.NotFoundError, 404);
    await throws(opper.spanMetrics.delete(b.id, metric.id), errors.NotFoundError, 404);
    await throws(opper.spanMetrics.updateMetric(b.id, metric.id, { value: 2 }), errors.NotFoundError, 404);
    assert.equal((await opper.spanMetrics.get(a.id, metric.id)).value, 1);
  });

  test("a dimension stands once on a span: 409", async () => {
    const span = await opper.spans.create({ name: "x" });
    const first = await opper.spanMetrics.createMetric(span.id, { dimension: "d", value: 1 });
    const other = await opper.spanMetrics.createMetric(span.id, { dimension: "D", value: 1 });
    await throws(opper.spanMetrics.createMetric(span.id, { dimension: "d", value: 2 }), errors.ConflictError, 409);
    await assert.rejects(opper.spanMetrics.updateMetric(span.id, other.id, { dimension: "d" }), (e) => e.statusCode === 409);
    assert.deepEqual(await opper.spanMetrics.get(span.id, first.id), first);
  });

  test("values keep their bits", async () => {
    const values = [0, 1, 0.1, 1 / 3, 125.3, 1250, -2.5e-7, 5e-324, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER, 1e21];
    const span = await opper.spans.create({ name: "x" });
    for (const [i, value] of values.entries()) {
      const metric = await opper.spanMetrics.createMetric(span.id, { dimension: `d${i}`, value });
      assert.equal(metric.value, value);
    }
    const page = await opper.spanMetrics.list(span.id);
    assert.deepEqual(page.data.map((m) => m.value), values);
  });

  test("pages", async () => {
    const span = await opper.spans.create({ name: "x" });
    for (let i = 0; i < 105; i++) {
      await opper.spanMetrics.createMetric(span.id, { dimension: `d${i}`, value: i });
    }
    const first = await opper.spanMetrics.list(span.id);
    assert.equal(first.meta.totalCount, 105);
    assert.deepEqual(first.data.map((m) => m.value), Array.from({ length: 100 }, (_, i) => i));
    const rest = await opper.spanMetrics.list(span.id, 100);
    assert.deepEqual(rest.data.map((m) => m.value), [100, 101, 102, 103, 104]);
    const some = await opper.spanMetrics.list(span.id, 50, 2);
    assert.deepEqual(some.data.map((m) => m.value), [50, 51]);
    const none = await opper.spanMetrics.list(span.id, 1000);
    assert.deepEqual([none.meta.totalCount, none.data.length], [105, 0]);
  });
});

describe("traces", () => {
  test("list: newest first, filtered by a part of the root's name", async () => {
    const word = randomUUID();
    for (let i = 0; i < 5; i++) {
      const root = await opper.spans.create({ name: `Frage ${i} ${word}`, input: { i }, startTime: new Date("2026-01-02T03:04:05Z") });
      await opper.spans.create({ name: "part", parentId: root.id });
      await opper.spans.update(root.id, { output: `A${i}`, endTime: new Date("2026-01-02T03:04:06.5Z"), ...(i === 0 ? { error: "e" } : {}) });
    }
    const page = await opper.traces.list(word.toUpperCase(), 0, 100);
    assert.equal(page.meta.totalCount, 5);
    assert.deepEqual(page.data.map((t) => t.name), [4, 3, 2, 1, 0].map((i) => `Frage ${i} ${word}`));
    assert.equal(page.data[0].input, '{"i":4}');
    assert.equal(page.data[0].output, "A4");
    assert.equal(page.data[0].durationMs, 1500);
    assert.equal(page.data[0].status, "success");
    assert.equal(page.data[4].status, "error");
    const part = await opper.traces.list(`FRAGE 1 ${word}`.slice(0, 5), 1, 2);
    assert.equal(part.data.length, 2);
    const all = await opper.traces.list();
    assert.ok(all.meta.totalCount >= 5 && all.data.length <= 100);
    assert.deepEqual((await opper.traces.list("nothing has this name", 0, 10)).data, []);
    const renamed = page.data[0];
    const whole = await opper.traces.get(renamed.id);
    await opper.spans.update(whole.spans[0].id, { name: "ÜBER alles" });
    assert.equal((await opper.traces.list("über ALLES", 0, 10)).data[0].id, renamed.id);
  });

  test("get: spans with data and metrics", async () => {
    const root = await opper.spans.create({ name: "root", type: "workflow", input: "in", score: 7, meta: { m: 1 } });
    await opper.spanMetrics.createMetric(root.id, { dimension: "a", value: 1, comment: "c" });
    await opper.spanMetrics.createMetric(root.id, { dimension: "b", value: 0.5 });
    const trace = await opper.traces.get(root.traceId);
    const [span] = trace.spans;
    assert.equal(trace.id, root.traceId);
    assert.equal(span.id, root.id);
    assert.equal(span.type, "workflow");
    assert.equal(span.score, 7);
    assert.deepEqual(span.meta, { m: 1 });
    assert.equal(span.data.input, "in");
    assert.deepEqual(span.metrics.map((m) => [m.dimension, m.value, m.comment ?? null]), [["a", 1, "c"], ["b", 0.5, null]]);
  });
});

describe("calls", () => {
  test("call: message, usage, cost, and its span below the parent", async () => {
    const parent = await opper.spans.create({ name: "case" });
    const answer = await opper.call({ name: "echo", instructions: "repeat", input: { a: "ü" }, parentSpanId: parent.id, tags: { team: "x" }, model: "openai/gpt-4o" });
    assert.equal(answer.message, 'said: {"a":"ü"}');
    assert.equal(answer.jsonPayload ?? null, null);
    assert.equal(answer.cached, false);
    assert.equal(answer.usage.total_tokens ?? answer.usage.totalTokens, 7);
    assert.equal(answer.cost.total, 0.375);
    const span = await opper.spans.get(answer.spanId);
    assert.equal(span.parentId, parent.id);
    assert.equal(span.traceId, parent.traceId);
    assert.equal(span.type, "generation");
    assert.equal(span.name, "echo");
    assert.deepEqual(span.input, { a: "ü" });
    assert.equal(span.output, 'said: {"a":"ü"}');
    assert.ok(span.endTime >= span.startTime);
    const trace = await opper.traces.get(parent.traceId);
    const generation = trace.spans.find((s) => s.id === answer.spanId);
    assert.equal(generation.data.model, "test/echo");
    assert.equal(generation.data.instructions, "repeat");
    assert.equal(generation.data.function, "echo");
    assert.deepEqual(generation.data.tags, ["team=x"]);
    assert.equal(generation.data.totalTokens, 7);
    assert.equal(trace.totalTokens, 7);
    await opper.spanMetrics.createMetric(answer.spanId, { dimension: "score", value: 1 });
  });

  test("call with an output schema", async () => {
    const answer = await opper.call({ name: "people", outputSchema: { type: "object" }, input: "x", configuration: {} });
    assert.deepEqual(answer.jsonPayload, { people: [{ name: "Ada", age: 36 }], ok: true });
    assert.equal(answer.message ?? null, null);
  });

  test("calls at once", async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => opper.call({ name: "echo", input: i })));
    assert.deepEqual(answers.map((a) => a.message), Array.from({ length: 40 }, (_, i) => `said: ${i}`));
  });

  test("failures of the program", async () => {
    const broken = await opper.call({ name: "broken" }).catch((e) => e);
    assert.equal(broken.statusCode, 502);
    assert.match(broken.body, /exit 3: out of order/);
    const limited = await opper.call({ name: "limited" }).catch((e) => e);
    assert.equal(limited.statusCode, 429);
    assert.equal(limited.headers.get("retry-after"), "7");
    await throws(opper.call({ name: "echo", parentSpanId: randomUUID() }), errors.NotFoundError, 404);
    const failed = (await opper.traces.list("broken", 0, 10)).data[0];
    assert.equal(failed.status, "error");
  });

  test("stream", async () => {
    const chunks = [];
    for await (const event of (await opper.stream({ name: "echo", input: "x" })).result) {
      chunks.push(event.data);
    }
    assert.match(chunks[0].spanId, /^[0-9a-f-]{36}$/);
    assert.equal(chunks.map((c) => c.delta ?? "").join(""), 'said: "x"');
    const leaves = [];
    for await (const event of (await opper.stream({ name: "people", outputSchema: { type: "object" } })).result) {
      if (event.data.jsonPath) leaves.push([event.data.jsonPath, event.data.delta]);
    }
    assert.deepEqual(leaves, [["people[0].name", "Ada"], ["people[0].age", 36], ["ok", true]]);
    const span = await opper.spans.get(chunks[0].spanId);
    assert.equal(span.output, 'said: "x"');
  });

  test("without a program calls are refused in words", async () => {
    const silent = await serve();
    const other = new Opper({ httpBearer: "k", serverURL: silent.url });
    const error = await other.call({ name: "x" }).catch((e) => e);
    assert.equal(error.statusCode, 404);
    assert.match(error.detail, /--answer-with/);
  });
});

describe("functions", () => {
  test("create, get, list, update, delete, revisions, call", async () => {
    const name = `f/${randomUUID()} x`;
    const f = await opper.functions.create({ name, instructions: "first", description: "d", model: "a/b", outputSchema: { type: "object" } });
    assert.equal(f.name, name);
    assert.deepEqual(await opper.functions.get(f.id), f);
    assert.deepEqual(await opper.functions.getByName(name), f);
    await throws(opper.functions.create({ name, instructions: "x" }), errors.ConflictError, 409);
    const changed = await opper.functions.update(f.id, { instructions: "second" });
    assert.equal(changed.instructions, "second");
    assert.equal(changed.description, "d");
    assert.notEqual(changed.revisionId, f.revisionId);
    assert.equal((await opper.functions.getByRevision(f.id, f.revisionId)).instructions, "first");
    const revisions = await opper.functions.revisions.list(f.id);
    assert.deepEqual(revisions.data.map((r) => r.id), [changed.revisionId, f.revisionId]);
    const list = await opper.functions.list(name);
    assert.deepEqual(list.data.map((i) => i.id), [f.id]);
    const parent = await opper.spans.create({ name: "case" });
    const answer = await opper.functions.call(f.id, { input: { q: 1 }, parentSpanId: parent.id, tags: { a: "b" } });
    assert.deepEqual(answer.jsonPayload, { people: [{ name: "Ada", age: 36 }], ok: true });
    assert.equal((await opper.spans.get(answer.spanId)).parentId, parent.id);
    const old = await opper.functions.callRevision(f.id, f.revisionId, { input: 1 });
    assert.equal((await opper.spans.get(old.spanId)).name, name);
    await opper.functions.delete(f.id);
    await throws(opper.functions.get(f.id), errors.NotFoundError, 404);
    await throws(opper.functions.call(f.id, { input: 1 }), errors.NotFoundError, 404);
  });

  test("a called task becomes a function, whose settings hold for later calls", async () => {
    const name = `task-${randomUUID()}`;
    await opper.call({ name, instructions: "i", outputSchema: { type: "object" }, input: 1 });
    const f = await opper.functions.getByName(name);
    assert.equal(f.instructions, "i");
    const again = await opper.call({ name, input: 2 });
    assert.equal(again.jsonPayload.ok, true);
  });

  test("streams", async () => {
    const f = await opper.functions.create({ name: `s-${randomUUID()}`, instructions: "i" });
    for (const stream of [await opper.functions.stream(f.id, { input: "x" }), await opper.functions.streamRevision(f.id, f.revisionId, { input: "x" })]) {
      let text = "";
      for await (const event of stream.result ?? stream) text += event.data?.delta ?? "";
      assert.equal(text, 'said: "x"');
    }
  });
});
