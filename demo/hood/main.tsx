import { batch, computed, effect, signal, untracked } from "@preact/signals-core";
import { Chips } from "../site/chips.tsx";
import { figure } from "../site/figure.ts";
import { latest } from "../site/latest.ts";
import { byId, mount } from "../site/live.ts";
import { onMachine } from "../site/machine.ts";
import { notify } from "../site/notices.ts";
import { furnish, linked } from "../site/page.ts";
import { Run } from "../site/run.ts";
import { palette } from "../site/theme.ts";
import { Graph } from "./graph.ts";
import type { Layout } from "./layout.ts";
import { MemoryMap } from "./memory.ts";
import { initialOf, networkNames, pageOf, understand } from "./networks.ts";
import type { Pointed } from "./pointing.ts";
import type { Anatomy, Answer, Question, Times } from "./protocol.ts";
import { fields } from "./settings.ts";
import {
  bytesWords,
  flopsWords,
  longestOf,
  operationsIn,
  opWords,
  shapeWords,
  timeWords,
} from "./words.ts";

const element = (id: string) => byId(id, HTMLElement);

const settings = linked(fields);
const anatomy = signal<Anatomy | null>(null);
const layout = signal<Layout | null>(null);
const times = signal<Times | null>(null);
/** What the pointer is on; what is chosen counts while it is on nothing. */
const hovered = signal<Pointed | null>(null);
/** The source of each program that has been looked at, as HTML. */
const sources = signal<ReadonlyMap<number, string>>(new Map());

const chosen = computed((): number | null => {
  const { program } = settings.signal.value;
  const count = anatomy.value?.titles.length ?? 0;
  return program !== null && program <= count ? program - 1 : null;
});
const pointed = computed(
  (): Pointed | null =>
    hovered.value ?? (chosen.value === null ? null : { programs: [chosen.value] }),
);
/** The program that is told about. */
const shown = computed(() => {
  const longest = times.value?.programs ? longestOf(times.value.programs) : 0;
  return pointed.value?.programs[0] ?? chosen.value ?? longest;
});
const shares = computed(() => {
  const programs = times.value?.programs ?? [];
  const total = programs.reduce((sum, ms) => sum + ms, 0);
  return programs.map((ms) => (total > 0 ? ms / total : 0));
});

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const run = new Run<typeof fields, Question, Answer>({
  worker,
  settings,
  withoutGpu: "so the processor computes each operation by itself",
  onReport({ kind }) {
    if (kind === "ready") void look();
    if (kind === "lost") void measure();
  },
});
furnish(run);

const graph = new Graph(element("graph"));
const memory = new MemoryMap(element("memory"));
const choose = (program: number) => settings.set({ program: program + 1 });
const isSame = (a: Pointed | null, b: Pointed | null) => JSON.stringify(a) === JSON.stringify(b);
for (const view of [graph, memory]) {
  view.onPoint = (at) => {
    if (!isSame(at, hovered.value)) hovered.value = at;
  };
  view.onChoose = choose;
}

const calm = matchMedia("(prefers-reduced-motion: reduce)");
/** How long the operations are seen before they fold, in milliseconds. */
const pause = 1300;
let turn = 0;

const isNarrow = matchMedia("(max-width: 719px)");
/** How wide the graph's frame is for its height. */
const aspect = signal(aspectNow());
isNarrow.addEventListener("change", () => (aspect.value = aspectNow()));

function aspectNow(): number {
  return isNarrow.matches ? 0.75 : 1;
}

async function look(): Promise<void> {
  const own = ++turn;
  const answer = await run.ask({ kind: "inspect", aspect: aspect.value });
  if (own !== turn || !("anatomy" in answer)) return;
  batch(() => {
    anatomy.value = answer.anatomy;
    layout.value = answer.layout;
    times.value = null;
    hovered.value = null;
    sources.value = new Map();
  });
  await measure();
}

const layAnew = latest(async () => {
  const own = turn;
  const answer = await run.ask({ kind: "inspect", aspect: aspect.value });
  if (own === turn && "layout" in answer) layout.value = answer.layout;
});
effect(() => {
  void aspect.value;
  if (untracked(() => anatomy.value)) layAnew();
});

async function measure(): Promise<void> {
  const own = turn;
  const answer = await run.ask({ kind: "measure" });
  if (own === turn && "times" in answer) times.value = answer.times;
}

let folding: ReturnType<typeof setTimeout> | undefined;
/** What was drawn last. */
let drawn: Anatomy | null = null;
effect(() => {
  const found = anatomy.value;
  const places = layout.value;
  if (!found || !places) return;
  untracked(() => {
    const { view } = settings.values;
    const folds = found !== drawn && view === "programs" && !calm.matches;
    drawn = found;
    clearTimeout(folding);
    graph.show(found, places, folds ? "operations" : view);
    memory.show(found);
    graph.light(pointed.value);
    memory.light(pointed.value);
    graph.time(shares.value);
    if (folds) folding = setTimeout(() => graph.fold(settings.values.view), pause);
  });
});
const view = computed(() => settings.signal.value.view);
effect(() => {
  const now = view.value;
  if (untracked(() => anatomy.value)) {
    clearTimeout(folding);
    graph.fold(now);
  }
});
effect(() => {
  const at = pointed.value;
  if (!anatomy.value) return;
  graph.light(at);
  memory.light(at);
});
effect(() => {
  const all = shares.value;
  if (anatomy.value) graph.time(all);
});

const askSource = latest(async (program: number) => {
  const of = anatomy.value;
  const answer = await run.ask({ kind: "source", program });
  if (of === anatomy.value && "html" in answer)
    sources.value = new Map([...sources.value, [program, answer.html]]);
});
effect(() => {
  const program = shown.value;
  const found = anatomy.value;
  if (found && program < found.titles.length && !sources.value.has(program)) askSource(program);
});

mount(element("story"), () => {
  const found = anatomy.value;
  if (!found) return "What becomes of a training step on its way to the GPU.";
  const { what, name, titles } = found;
  const operations = operationsIn(found).toLocaleString("en");
  const isGpu = run.adapter.value?.backend === "webgpu";
  const wall = times.value?.wall;
  return (
    <>
      {what} of <em>{name}</em> is <em>{operations}</em> operations,{" "}
      {isGpu ? (
        <>
          which became <em>{titles.length}</em> GPU {titles.length === 1 ? "program" : "programs"}
        </>
      ) : (
        "which the processor does one by one"
      )}
      {wall !== undefined && (
        <>
          {isGpu ? (titles.length === 1 ? " that runs in " : " that run in ") : ", in "}
          <em>{timeWords(wall)}</em>
        </>
      )}
      .
    </>
  );
});

const net = computed(() => settings.signal.value.net);
mount(element("networks"), () => (
  <Chips
    name="net"
    options={networkNames}
    value={net.value}
    choose={(name) => settings.set({ net: name, with: initialOf(name), program: null })}
  />
));
/** Pixels of the chip before the chosen one that are in view. */
const besides = 48;
// On a phone they are more than it is wide: the chosen one is in view.
effect(() => {
  const chips = element("networks");
  const chosen = chips.querySelector<HTMLElement>(`label:has([value=${net.value}])`);
  requestAnimationFrame(() => {
    if (chosen) chips.scrollTo({ left: chosen.offsetLeft - chips.offsetLeft - besides });
  });
});
mount(element("view"), () => (
  <Chips
    name="view"
    options={{ programs: "Programs", operations: "Operations" }}
    value={view.value}
    choose={(name) => settings.set({ view: name })}
  />
));
byId("paste", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  const found = understand(byId("link", HTMLInputElement).value);
  if (found) settings.set({ ...found, program: null });
  else
    notify(
      "This is no link to a page of this site that has a network: open one, and copy its link.",
    );
});
for (const id of ["networks", "view"])
  element(id).addEventListener("submit", (event) => event.preventDefault());
element("in").addEventListener("click", () => graph.zoom(1.5));
element("out").addEventListener("click", () => graph.zoom(1 / 1.5));

const home = byId("home", HTMLAnchorElement);
effect(() => {
  const { net, with: link } = settings.signal.value;
  const page = pageOf(net, link);
  home.hidden = page === undefined;
  if (page !== undefined) home.href = page;
});

const point = (program: number) => ({
  onMouseEnter: () => (hovered.value = { programs: [program] }),
  onMouseLeave: () => (hovered.value = null),
});

// One program can be reached by the tab key, and the others from it by arrows.
const list = byId("programs", HTMLOListElement);
mount(list, () => {
  const found = anatomy.value;
  if (!found) return null;
  const lit = new Set(pointed.value?.programs);
  return found.titles.map((title, i) => {
    const ms = times.value?.programs?.[i];
    return (
      <li key={i}>
        <button
          type="button"
          class={lit.has(i) ? "lit" : ""}
          aria-pressed={chosen.value === i}
          tabIndex={i === (chosen.value ?? 0) ? 0 : -1}
          style={`--share: ${shares.value[i] ?? 0}`}
          onClick={() => choose(i)}
          {...point(i)}
        >
          <span>{i + 1}</span>
          <span>{title}</span>
          <span>{ms === undefined ? "" : timeWords(ms)}</span>
        </button>
      </li>
    );
  });
});
list.addEventListener("keydown", (event) => {
  const count = anatomy.value?.titles.length ?? 0;
  const steps: Record<string, number> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  const ends: Record<string, number> = { Home: 0, End: count - 1 };
  const step = steps[event.key];
  const to = ends[event.key] ?? (step ? (chosen.value ?? -step) + step : undefined);
  if (to === undefined || count === 0) return;
  event.preventDefault();
  hovered.value = null;
  const next = Math.min(Math.max(to, 0), count - 1);
  choose(next);
  list.querySelectorAll("button")[next].focus();
});

mount(element("timeline"), () => {
  const found = anatomy.value;
  const lit = new Set(pointed.value?.programs);
  const programs = times.value?.programs;
  const total = programs?.reduce((sum, ms) => sum + ms, 0) ?? 0;
  return (
    <>
      <div class="track" aria-hidden="true">
        {programs &&
          found?.titles.map((title, i) => (
            <span
              key={i}
              title={`${i + 1}  ${title}`}
              class={lit.has(i) ? "lit" : ""}
              style={`flex: ${programs[i]} 1 0`}
              onClick={() => choose(i)}
              {...point(i)}
            />
          ))}
      </div>
      <p class="ends">
        <span>
          {!times.value
            ? "being timed …"
            : programs
              ? "0 ms"
              : "not measured here: this GPU keeps its times to itself"}
        </span>
        <span>{programs ? `${timeWords(total)}, program by program` : ""}</span>
      </p>
    </>
  );
});

mount(element("speed"), () => (times.value ? timeWords(times.value.wall).replace(" ms", "") : "–"));
mount(element("machine"), () => onMachine(run.adapter.value));
mount(element("slowest"), () => {
  const programs = times.value?.programs;
  if (!programs || !anatomy.value) return "";
  const i = longestOf(programs);
  const share = Math.round(100 * shares.value[i]);
  return `${share}% of the programs’ time goes to no. ${i + 1}, ${anatomy.value.titles[i]}`;
});

/** The nodes that blocks of memory hold, in words. */
function valuesOf({ blocks, nodes }: Anatomy, numbers: readonly number[]): string {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const texts = numbers.map((k) => {
    const { kind, nodes: ids, bytes } = blocks[k];
    const node = ids.length > 0 ? byId.get(ids[ids.length - 1]) : undefined;
    if (!node) return bytesWords(bytes);
    const shape = shapeWords(node.shape);
    return kind === "variable" && node.shape.length > 0 ? `weights ${shape}` : shape;
  });
  const few = [...new Set(texts)];
  const rest = few.length > 3 ? ` and ${few.length - 3} more` : "";
  return few.slice(0, 3).join(", ") + rest || "nothing";
}

mount(element("source-title"), () => {
  const found = anatomy.value;
  return found
    ? `Source of no. ${shown.value + 1}: ${found.titles[shown.value] ?? ""}`
    : "Its source";
});
mount(element("facts"), () => {
  const found = anatomy.value;
  const program = found?.dispatches[shown.value];
  if (!found || !program) return "";
  const { flops, bytes, workgroups, bindings } = program;
  const of = (isWritten: boolean) =>
    valuesOf(
      found,
      bindings.filter((b) => b.isWritten === isWritten).flatMap((b) => b.blocks),
    );
  const ms = times.value?.programs?.[shown.value];
  const speed = ms ? `, ${flopsWords((1000 * flops) / ms)} a second` : "";
  const several = (n: number) => (n === 1 ? "" : "s");
  const work = `${flopsWords(flops)} calculation${several(flops)}${speed}`;
  if (bindings.length === 0) return work;
  return `${work}, ${bytesWords(bytes)} moved, ${workgroups.toLocaleString("en")} group${several(workgroups)} of threads. Reads ${of(false)}; writes ${of(true)}.`;
});
const source = element("source");
effect(() => {
  const html = sources.value.get(shown.value);
  if (html !== undefined) source.innerHTML = html || "the processor needs no program of this kind";
  source.scrollTop = 0;
});

mount(element("pointed"), () => {
  const found = anatomy.value;
  if (!found) return "";
  const { node, block, programs = [] } = pointed.value ?? {};
  const list = programs.map((p) => p + 1).join(", ");
  if (node !== undefined) {
    const { op, shape } = found.nodes[node];
    const again = programs.length > 1 ? `, partly or again in ${list.replace(/^\d+, /, "")}` : "";
    return `${opWords(op)}: makes ${shapeWords(shape)}, in program ${programs[0] + 1}${again}`;
  }
  if (block !== undefined)
    return `a value of ${valuesOf(found, [block])}, ${bytesWords(found.blocks[block].bytes)}, used by ${programs.length === 1 ? "program" : "programs"} ${list || "none"}`;
  if (programs.length === 0) return "Point at an operation, a program or a block of memory.";
  const count = found.nodes.filter(({ dispatches }) => dispatches.includes(programs[0])).length;
  return `Program ${programs[0] + 1} carries out ${count} ${count === 1 ? "operation" : "operations"}: ${found.titles[programs[0]]}`;
});

mount(element("lasting"), () => {
  const found = anatomy.value;
  if (!found) return "";
  if (found.blocks.length === 0)
    return "Without a GPU, values lie wherever the browser’s JavaScript puts them.";
  const sum = (kind: string) =>
    found.blocks.filter((b) => b.kind === kind).reduce((all, { bytes }) => all + bytes, 0);
  const alone = found.blocks
    .filter(({ kind }) => kind === "temporary")
    .reduce((all, { bytes }) => all + bytes, 0);
  const saved =
    alone > 1.05 * found.temporaryBytes ? `; apart they would take ${bytesWords(alone)}` : "";
  const data = sum("constant");
  return `${bytesWords(found.temporaryBytes)} for values that come and go${saved}. Beside them, for as long as the network lives: ${bytesWords(sum("variable"))} of weights and what the optimizer remembers${data > 0 ? `, ${bytesWords(data)} of examples` : ""}.`;
});

/** The graph as a table, filled when it is wanted. */
const words = byId("words", HTMLDetailsElement);
const isOpen = signal(false);
words.addEventListener("toggle", () => (isOpen.value = words.open));
mount(words.appendChild(document.createElement("div")), () => {
  const found = anatomy.value;
  if (!isOpen.value || !found) return null;
  const { nodes, titles } = found;
  const programOf = new Map(nodes.map(({ id, dispatch }) => [id, dispatch]));
  return (
    <table>
      <thead>
        <tr>
          {["program", "operations in it", "after programs"].map((label) => (
            <th key={label} scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {titles.map((title, i) => {
          const own = nodes.filter(({ dispatches }) => dispatches.includes(i));
          const before = own.flatMap(({ inputs }) => inputs.map((id) => programOf.get(id)));
          const waits = new Set(before.filter((p) => typeof p === "number" && p < i));
          return (
            <tr key={i}>
              <th scope="row">{`${i + 1}  ${title}`}</th>
              <td>
                {own.map(({ op, shape }) => `${opWords(op)} (${shapeWords(shape)})`).join("; ")}
              </td>
              <td>{[...waits].map((p) => Number(p) + 1).join(", ") || "–"}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
});

figure(element("figure"), {
  name: "cotangent-under-the-hood",
  reset() {
    settings.reset();
    graph.fold(settings.values.view);
  },
  picture: () => graph.picture({ ...palette.value, sans: "system-ui, sans-serif" }),
  words: () => [
    element("story").textContent ?? "",
    `${element("speed").textContent} ms a step ${element("machine").textContent}`,
  ],
});
