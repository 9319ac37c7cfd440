'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const $ = id => document.getElementById(id);
const el = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes)) k === 'class' ? node.className = v : k === 'style' ? node.style.cssText = v : k.startsWith('on') ? node[k] = v : node.setAttribute(k, v);
  node.append(...children.filter(c => c != null));
  return node;
};
const svg = (tag, attributes = {}, text) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [k, v] of Object.entries(attributes)) node.setAttribute(k, v);
  if (text != null) node.textContent = text;
  return node;
};

// ---- numbers
const has = (table, name) => table[name] && table[name].some(v => v != null);
const known = values => (values || []).filter(v => v != null);
const last = values => known(values).at(-1);
const percent = v => (100 * v).toFixed(Math.abs(v) < 0.0995 && v !== 0 ? 2 : 1) + ' %';
const short = v => {
  if (v == null) return '–';
  const a = Math.abs(v);
  if (a >= 1e6) return (v / 1e6).toFixed(1) + ' M';
  if (a >= 1e4) return (v / 1e3).toFixed(1) + ' k';
  if (a >= 100) return v.toFixed(0);
  if (a >= 1) return v.toFixed(2);
  if (a === 0) return '0';
  return a < 1e-3 ? v.toExponential(1).replace('e-', 'e−') : v.toFixed(a < 0.1 ? 4 : 3);
};
const duration = s => s >= 3600 ? `${Math.floor(s / 3600)} h ${Math.round(s % 3600 / 60)} min` : s >= 60 ? `${Math.floor(s / 60)} min ${Math.round(s % 60)} s` : s.toFixed(1) + ' s';
const smoothed = (values, weight) => {
  let mean = null, mass = 0;
  return values.map(v => {
    if (v == null) return null;
    mean = mean == null ? v * (1 - weight) : mean * weight + v * (1 - weight);
    mass = mass * weight + (1 - weight);
    return mean / (mass || 1);
  });
};
const ticks = (low, high, wanted) => {
  const raw = (high - low) / wanted, power = 10 ** Math.floor(Math.log10(raw)), unit = [1, 2, 2.5, 5, 10].find(u => u * power >= raw) * power, out = [];
  for (let t = Math.ceil(low / unit - 1e-9) * unit; t <= high + unit * 1e-9; t += unit) out.push(Math.abs(t) < unit * 1e-9 ? 0 : t);
  return out;
};

// ---- the recipe, as flat keys
const recipe = {};
{
  const path = [];
  for (const line of data.recipe.split('\n')) {
    const m = /^( *)([A-Za-z0-9-]+):(?: (.*))?$/.exec(line);
    if (!m) continue;
    path.length = m[1].length / 2;
    path.push(m[2]);
    if (m[3] != null) recipe[path.join('.')] = m[3];
  }
}

// ---- charts
const charts = [];
let smoothing = 0.8;
/**
 * series: {key, label, color, dots, stairs, raw}; options: {percent, log, zero, max, target, band: [low, high]}
 */
function chart(parent, table, title, sub, series, options = {}) {
  series = series.filter(s => has(table, s.key));
  if (!series.length) return;
  const now = el('div', {class: 'now'}), body = el('div');
  parent.append(el('div', {class: 'card'}, el('div', {class: 'head'}, el('h3', {}, title), now), el('p', {class: 'sub'}, sub), body));
  const self = {table, series, options, now, body, at: null};
  self.draw = () => draw(self);
  charts.push(self);
  new ResizeObserver(self.draw).observe(body);
  for (const event of ['mousemove', 'touchmove']) body.addEventListener(event, e => hover(self, (e.touches ? e.touches[0] : e).clientX), {passive: true});
  body.addEventListener('mouseleave', () => hover(self, null));
  body.addEventListener('click', e => { const s = stepAt(self, e.clientX); if (s != null) pickNearest(s); });
}
function draw(self) {
  const {table, series, options, body} = self, width = body.clientWidth, height = options.height || 190;
  if (!width) return;
  const left = 46, right = 10, top = 10, bottom = 22;
  const steps = table.step, x0 = steps[0], x1 = Math.max(steps.at(-1), x0 + 1);
  const curves = series.map(s => ({...s, raw: table[s.key], line: s.dots || s.stairs ? table[s.key] : smoothed(table[s.key], smoothing)}));
  let values = curves.flatMap(c => known(c.raw));
  if (options.target != null) values.push(options.target);
  if (options.log) values = values.filter(v => v > 0);
  if (values.length > 400 && !options.whole) { // a lone spike must not flatten the curve
    const sorted = [...values].sort((a, b) => a - b), cut = sorted[Math.floor(sorted.length * 0.995)];
    values = values.filter(v => v <= cut * 1.2 + 1e-12);
  }
  let low = Math.min(...values), high = Math.max(...values);
  if (options.zero) low = Math.min(0, low);
  if (options.max != null) high = Math.max(options.max, high);
  const scale = options.log ? Math.log10 : v => v;
  low = scale(low); high = scale(high);
  if (!(high > low)) { const pad = Math.abs(high) * 0.1 || 0.5; low -= options.zero && low >= 0 && low - pad < 0 ? low : pad; high += pad; }
  else { const pad = (high - low) * 0.07; if (!(options.zero && low === 0)) low -= pad; if (options.max !== 10 ** high && high !== options.max) high += pad; }
  const px = s => left + (s - x0) / (x1 - x0) * (width - left - right);
  const py = v => top + (high - Math.min(Math.max(scale(v), low), high)) / (high - low) * (height - top - bottom);
  self.px = px; self.py = py; self.box = {left, right, top, bottom, width, height, x0, x1};
  const root = svg('svg', {viewBox: `0 0 ${width} ${height}`, height, role: 'img'});
  const yTicks = options.log ? logTicks(low, high) : ticks(low, high, 4);
  for (const t of yTicks) {
    root.append(svg('line', {class: 'gridline', x1: left, x2: width - right, y1: py(t), y2: py(t)}));
    root.append(svg('text', {x: left - 8, y: py(t) + 3.5, 'text-anchor': 'end'}, options.percent ? +(100 * t).toFixed(2) + ' %' : tickLabel(t)));
  }
  for (const t of ticks(x0, x1, Math.max(3, Math.floor(width / 75))).filter(t => Number.isInteger(t))) root.append(svg('text', {x: px(t), y: height - 5, 'text-anchor': 'middle'}, t));
  for (const step of checkpointSteps) if (step >= x0 && step <= x1 && table === data.metrics) root.append(svg('path', {d: `M${px(step)} ${height - bottom}l-3 5h6z`, fill: 'var(--line)'}));
  if (options.target != null) {
    root.append(svg('line', {x1: left, x2: width - right, y1: py(options.target), y2: py(options.target), stroke: 'var(--muted)', 'stroke-dasharray': '5 4'}));
    root.append(svg('text', {x: width - right, y: py(options.target) - 5, 'text-anchor': 'end'}, options.targetLabel || ''));
  }
  if (options.band && has(table, options.band[0]) && has(table, options.band[1])) {
    const a = table[options.band[0]], b = table[options.band[1]], ups = [], downs = [];
    steps.forEach((s, i) => { if (a[i] != null && b[i] != null) { ups.push(`${px(s)} ${py(b[i])}`); downs.unshift(`${px(s)} ${py(a[i])}`); } });
    root.append(svg('path', {d: 'M' + ups.concat(downs).join('L') + 'Z', fill: 'var(--blue)', opacity: .08}));
  }
  curves.forEach((c, i) => {
    const color = `var(--${c.color})`;
    const path = list => { let d = '', pen = false; list.forEach((v, j) => { if (v == null || options.log && v <= 0) { pen = pen && c.dots; return; } d += (pen ? 'L' : 'M') + px(steps[j]).toFixed(1) + ' ' + py(v).toFixed(1); pen = true; }); return d; };
    if (i === 0 && !options.band && !options.log) {
      const d = path(c.line), at = steps.map((s, j) => c.line[j] != null ? s : null).filter(s => s != null);
      if (at.length > 1 && !/M.*M/.test(d)) root.append(svg('path', {d: `${d}L${px(at.at(-1))} ${height - bottom}L${px(at[0])} ${height - bottom}Z`, fill: color, opacity: .07}));
    }
    if (!c.dots && !c.stairs && smoothing > 0) root.append(svg('path', {d: path(c.raw), fill: 'none', stroke: color, 'stroke-width': 1, opacity: .28}));
    root.append(svg('path', {d: path(c.line), fill: 'none', stroke: color, 'stroke-width': 2, 'stroke-linejoin': 'round', 'stroke-linecap': 'round'}));
    if (c.dots) c.raw.forEach((v, j) => { if (v != null) root.append(svg('circle', {cx: px(steps[j]), cy: py(v), r: 3.5, fill: 'var(--card)', stroke: color, 'stroke-width': 2})); });
  });
  self.curves = curves;
  self.cross = svg('g');
  root.append(self.cross);
  body.replaceChildren(root);
  mark(self);
}
const logTicks = (low, high) => {
  const out = [];
  for (let p = Math.floor(low); p <= high; p++) for (const m of high - low > 3 ? [1] : high - low > 1.2 ? [1, 3] : [1, 1.5, 2, 3, 5, 7]) { const v = m * 10 ** p; if (Math.log10(v) >= low && Math.log10(v) <= high) out.push(v); }
  return out;
};
const tickLabel = v => v === 0 ? '0' : Math.abs(v) >= 1e4 ? +(v / 1e3).toPrecision(3) + 'k' : Math.abs(v) < 1e-3 ? v.toExponential().replace('e-', 'e−') : String(+v.toPrecision(3));
function stepAt(self, clientX) {
  if (!self.box) return null;
  const box = self.box, r = self.body.getBoundingClientRect(), share = (clientX - r.left - box.left) / (box.width - box.left - box.right);
  return box.x0 + Math.min(1, Math.max(0, share)) * (box.x1 - box.x0);
}
function hover(self, clientX) {
  const step = clientX == null ? null : stepAt(self, clientX);
  for (const other of charts) if (other.table === self.table) { other.at = step; mark(other); }
}
function mark(self) {
  const {table, at, box} = self;
  if (!box) return;
  let index = table.step.length - 1;
  if (at != null) { index = 0; table.step.forEach((s, i) => { if (Math.abs(s - at) < Math.abs(table.step[index] - at)) index = i; }); }
  self.cross.replaceChildren();
  const parts = [];
  if (at != null) {
    const x = self.px(table.step[index]);
    self.cross.append(svg('line', {class: 'cross', x1: x, x2: x, y1: box.top, y2: box.height - box.bottom}));
    parts.push(el('span', {}, 'step ' + table.step[index]));
  }
  for (const c of self.curves) {
    let i = index;
    if (c.dots || at == null) while (i > 0 && c.raw[i] == null) i--;
    const v = c.raw[i];
    if (at != null && v != null) self.cross.append(svg('circle', {cx: self.px(table.step[i]), cy: self.py(c.line[i] ?? v), r: 3.5, fill: `var(--${c.color})`, stroke: 'var(--card)', 'stroke-width': 1.5}));
    parts.push(el('span', {style: `--c:var(--${c.color})`}, self.curves.length > 1 ? el('i') : null, self.curves.length > 1 ? c.label + ' ' : '', el('b', {}, v == null ? '–' : self.options.percent ? percent(v) : short(v))));
  }
  self.now.replaceChildren(...parts);
}

// ---- head
const events = data.events, m = data.metrics, w = data.warmStart;
const checkpointSteps = [...new Set(events.filter(e => e.event === 'checkpoint').map(e => e.step))];
const ending = events.findLast(e => ['finished', 'failed', 'started', 'resumed'].includes(e.event));
$('title').textContent = data.name;
$('facts').textContent = [recipe['method.id'] && `${recipe['method.id']} on ${recipe['task.id']}`, recipe['off-policy.mode'] && `${recipe['off-policy.mode']}, staleness ${recipe['off-policy.staleness']}`,
  recipe['rollout.prompts'] && `${recipe['rollout.prompts']} prompts × ${recipe['rollout.group-size']} samples a step`, recipe['run.seed'] && `seed ${recipe['run.seed']}`,
  events[0] && new Date(events[0].time).toLocaleString(undefined, {dateStyle: 'medium', timeStyle: 'short'})].filter(Boolean).join(' · ');
{
  const state = !ending ? ['unknown', 'muted'] : ending.event === 'finished' ? ['finished', 'green'] : ending.event === 'failed' ? ['failed', 'red'] : ['not finished', 'amber'];
  $('status').textContent = state[0];
  $('status').style.setProperty('--c', `var(--${state[1]})`);
  const note = (text, color) => $('notes').append(el('p', {style: `--c:var(--${color})`}, text));
  if (ending && ending.event === 'finished' && ending.summary) note(ending.summary, 'green');
  if (ending && ending.event === 'failed') note(ending.message || 'failed', 'red');
  const warnings = [...new Set(events.filter(e => e.event === 'warning').map(e => e.message))];
  warnings.slice(0, 4).forEach(text => note(text, 'amber'));
}

// ---- tiles
{
  const tile = (k, v, delta, s) => $('tiles').append(el('div', {class: 'tile'}, el('div', {class: 'k'}, k), el('div', {class: 'v'}, v, delta), el('div', {class: 's'}, s || '')));
  const change = (d, text) => el('small', {class: d > 0 ? 'up' : d < 0 ? 'down' : ''}, text);
  const ends = (values, n) => { const v = known(values); return [v.slice(0, n), v.slice(-n)].map(p => p.reduce((a, b) => a + b, 0) / p.length); };
  if (has(m, 'pass-at-1')) {
    const v = known(m['pass-at-1']), d = 100 * (v.at(-1) - v[0]);
    tile('held-out pass@1, greedy', percent(v.at(-1)), v.length > 1 ? change(d, (d >= 0 ? '+' : '−') + Math.abs(d).toFixed(1) + ' pts') : null, v.length > 1 ? `from ${percent(v[0])} after the warm start, best ${percent(Math.max(...v))}` : 'one evaluation so far');
  }
  if (has(m, 'reward-mean')) {
    const n = Math.max(1, Math.min(10, Math.floor(known(m['reward-mean']).length / 4))), [a, b] = ends(m['reward-mean'], n);
    tile('reward, sampled', b.toFixed(3), change(b - a, (b >= a ? '+' : '−') + Math.abs(b - a).toFixed(3)), `mean of the last ${n} steps; first ${n}: ${a.toFixed(3)}`);
  }
  if (m.step) tile('steps', String(m.step.at(-1)), null, recipe['schedule.steps'] ? `of ${recipe['schedule.steps']}` : '');
  if (has(m, 'seconds')) tile('time in steps', duration(known(m.seconds).reduce((a, b) => a + b, 0)), null, has(m, 'tokens-per-second') ? `${short(known(m['tokens-per-second']).sort((a, b) => a - b)[Math.floor(known(m['tokens-per-second']).length / 2)])} tokens/s, median` : '');
  if (has(m, 'clip-low') && has(m, 'clip-high')) tile('ratio bounds, last step', `${last(m['clip-low']).toFixed(2)} – ${last(m['clip-high']).toFixed(2)}`, null, has(m, 'clipped-fraction') ? `${percent(last(m['clipped-fraction']))} of the tokens clipped` : '');
  if (has(m, 'staleness-max')) tile('staleness, at most', String(Math.max(...known(m['staleness-max']))), null, 'policy versions between sampling and training');
}

// ---- panels
const used = new Set(['step', 'policy-version', 'seconds', 'reward-std']);
const panel = (where, title, sub, series, options) => { series.forEach(s => used.add(s.key)); if (m.step) chart($(where), m, title, sub, series, options); };
const target = recipe['method.target'] != null && recipe['method.balance'] !== 'ratio' ? +recipe['method.target'] : null;
if (m['sampled-pass-rate'] && m['sampled-pass-rate'].every((v, i) => v === m['reward-mean'][i])) used.add('sampled-pass-rate'), delete m['sampled-pass-rate'];
panel('learning', 'Reward', 'mean over the sampled answers of a step', [{key: 'reward-mean', label: 'reward', color: 'blue'}, {key: 'sampled-pass-rate', label: 'right', color: 'teal'}], {height: 250});
panel('learning', 'Pass rate, held out', 'greedy and sampled answers to prompts never trained on', [{key: 'pass-at-1', label: 'greedy', color: 'green', dots: true}, {key: 'avg-at-k', label: 'sampled', color: 'violet', dots: true}, {key: 'pass-at-k', label: 'any of k', color: 'orange', dots: true}], {height: 250, percent: true, zero: true, max: 1});
panel('objective', 'Entropy', 'of the policy at the sampled tokens, nats', [{key: 'entropy', label: 'entropy', color: 'violet'}], {zero: true});
panel('objective', 'Bounds on the ratio', 'between which a token keeps its gradient', [{key: 'clip-high', label: 'high', color: 'blue', stairs: true}, {key: 'clip-low', label: 'low', color: 'orange', stairs: true}], {band: ['clip-low', 'clip-high'], target: 1, targetLabel: 'on policy'});
panel('objective', 'Positive share', 'of the objective, P / (P + Q)', [{key: 'positive-share', label: 'share', color: 'green'}], {zero: true, max: 1, target, targetLabel: target == null ? '' : 'target ' + target, percent: true});
panel('objective', 'Clipped tokens', 'share whose gradient the trust region removed', [{key: 'clipped-fraction', label: 'clipped', color: 'orange'}], {percent: true, zero: true});
panel('objective', 'Importance ratio', 'policy now over the policy it is taken against', [{key: 'ratio-max', label: 'largest', color: 'red'}, {key: 'ratio-mean', label: 'mean', color: 'blue'}], {log: true, whole: true});
panel('objective', 'Divergence', 'KL to the sampler and to the reference, nats a token', [{key: 'kl-behaviour', label: 'sampler', color: 'blue'}, {key: 'kl-reference', label: 'reference', color: 'orange'}], {zero: true});
panel('objective', 'Gradient norm', 'before clipping', [{key: 'grad-norm', label: 'norm', color: 'teal'}], {log: true});
panel('objective', 'Loss', 'what was minimised; its level says little', [{key: 'loss', label: 'loss', color: 'muted'}]);
panel('objective', 'Effective sample size', 'share of the tokens that importance weights leave', [{key: 'effective-sample-size', label: 'share', color: 'green'}], {percent: true, max: 1});
panel('machine', 'Answer length', 'tokens, mean over a step', [{key: 'response-length', label: 'tokens', color: 'blue'}], {zero: true});
panel('machine', 'Cut off', 'share of answers that reached the length limit', [{key: 'truncated-fraction', label: 'cut off', color: 'red'}], {percent: true, zero: true});
panel('machine', 'Groups without signal', 'share of prompts whose samples all got the same reward', [{key: 'zero-advantage-groups', label: 'share', color: 'amber'}], {percent: true, zero: true});
panel('machine', 'Staleness', 'policy versions between sampling and training', [{key: 'staleness-max', label: 'max', color: 'orange', stairs: true}, {key: 'staleness-mean', label: 'mean', color: 'blue', stairs: true}], {zero: true});
panel('machine', 'Learning rate', '', [{key: 'learning-rate', label: 'rate', color: 'violet', stairs: true}], {zero: true});
panel('machine', 'Speed', 'trained tokens a second', [{key: 'tokens-per-second', label: 'tokens/s', color: 'teal'}], {zero: true});
const rest = Object.keys(m).filter(k => !used.has(k) && has(m, k) && known(m[k]).every(v => typeof v === 'number'));
rest.forEach(k => panel('more', k, '', [{key: k, label: k, color: 'blue'}], {zero: known(m[k]).every(v => v >= 0)}));
if (!rest.length) $('more-section').remove();
if (w.step) {
  chart($('warm'), w, 'Loss on demonstrations', 'nats a token', [{key: 'loss', label: 'loss', color: 'orange'}], {zero: true});
  chart($('warm'), w, 'Gradient norm', '', [{key: 'grad-norm', label: 'norm', color: 'teal'}], {log: true});
  chart($('warm'), w, 'Learning rate', '', [{key: 'learning-rate', label: 'rate', color: 'violet', stairs: true}], {zero: true});
}
if (!$('warm').children.length) $('warm-section').remove();
for (const id of ['learning', 'objective', 'machine']) if (!$(id).children.length) $(id).parentNode.remove();

// ---- samples
const verdictColor = {right: 'green', wrong: 'red', unanswered: 'amber', 'timed-out': 'amber', 'unreadable-gold': 'violet'};
let shownStep = data.rollouts.length - 1, view = 'ratio';
const at = (list, i) => Array.isArray(list) ? list[i] : list;
const ratioOf = (t, i) => t.logp && t.logp[i] != null ? Math.exp(t.logp[i] - t.behaviourLogp[i]) : null;
const views = {
  ratio: {label: 'ratio', legend: ['less likely now', 'more likely now'], colors: ['orange', 'blue'], tint: (t, i) => { const r = ratioOf(t, i); return r == null ? null : Math.max(-1, Math.min(1, Math.log(r) / 0.7)); }},
  advantage: {label: 'advantage', legend: ['pushed down', 'pushed up'], colors: ['red', 'green'], tint: (t, i, most) => at(t.advantage, i) / (most || 1)},
  logp: {label: 'log-prob', legend: ['surprising', 'sure'], colors: ['violet', 'green'], tint: (t, i) => { const p = Math.exp(t.behaviourLogp[i]); return p > 0.9 ? null : -(1 - p); }},
  version: {label: 'version', legend: ['oldest', 'newest'], colors: ['orange', 'teal'], tint: (t, i, _, range) => range[1] > range[0] ? 2 * (t.policyVersion[i] - range[0]) / (range[1] - range[0]) - 1 : 0.4}
};
function pickNearest(step) {
  if (!data.rollouts.length) return;
  shownStep = 0;
  data.rollouts.forEach((r, i) => { if (Math.abs(r.step - step) < Math.abs(data.rollouts[shownStep].step - step)) shownStep = i; });
  samples();
}
function samples() {
  const chips = (where, label, items) => $(where).replaceChildren(label, ...items.map(([text, on, click]) => el('button', {type: 'button', class: on ? 'on' : '', onclick: click}, text)));
  chips('steps', 'step', data.rollouts.map((r, i) => [String(r.step), i === shownStep, () => { shownStep = i; samples(); }]));
  chips('views', 'colour by', Object.entries(views).map(([k, v]) => [v.label, k === view, () => { view = k; samples(); }]));
  const v = views[view], trajectories = data.rollouts[shownStep].trajectories;
  $('legend').replaceChildren(v.legend[0], el('span', {class: 'swatch', style: `background:linear-gradient(90deg,color-mix(in srgb,var(--${v.colors[0]}) 55%,transparent),transparent,color-mix(in srgb,var(--${v.colors[1]}) 55%,transparent))`}), v.legend[1],
    trajectories.some(t => t.clipped && t.clipped.some(Boolean)) ? '   ·   wavy underline: the trust region removed this token’s gradient' : '', '   ·   point at a token for its numbers');
  const most = Math.max(1e-9, ...trajectories.flatMap(t => [].concat(t.advantage).map(Math.abs))), versions = trajectories.flatMap(t => t.policyVersion), range = [Math.min(...versions), Math.max(...versions)];
  const groups = new Map();
  trajectories.forEach(t => { if (!groups.has(t.group)) groups.set(t.group, []); groups.get(t.group).push(t); });
  $('samples').replaceChildren(...[...groups.values()].map(list => el('div', {class: 'group'},
    el('div', {class: 'prompt'}, el('code', {}, list[0].prompt), el('span', {class: 'gold'}, 'expected ' + list[0].gold + ' · ' + list.filter(t => t.verdict === 'right').length + ' of ' + list.length + ' right')),
    ...list.map(t => sample(t, v, most, range)))));
}
function sample(t, v, most, range) {
  const a = [].concat(t.advantage), mean = a.reduce((x, y) => x + y, 0) / (a.length || 1), share = Math.min(1, Math.abs(mean) / most) * 50;
  const tokens = t.tokens.map((id, i) => {
    const tint = v.tint(t, i, most, range), color = v.colors[tint > 0 ? 1 : 0];
    const piece = t.pieces && t.pieces[i] != null && t.pieces[i] !== '' ? t.pieces[i] : '⏎';
    const node = el('span', {class: 'tok' + (t.clipped && t.clipped[i] ? ' clipped' : ''), style: tint == null ? '' : `background:color-mix(in srgb,var(--${color}) ${Math.round(Math.abs(tint) * 50)}%,transparent)`}, piece);
    node.onmouseenter = e => tip(e, [`“${piece}”  id ${id}`, `sampled with p = ${Math.exp(t.behaviourLogp[i]).toPrecision(3)} (log ${t.behaviourLogp[i].toFixed(4)}) by version ${t.policyVersion[i]}`,
      ratioOf(t, i) == null ? '' : `now p = ${Math.exp(t.logp[i]).toPrecision(3)}, ratio ${ratioOf(t, i).toFixed(4)}`, `advantage ${at(t.advantage, i)?.toFixed(4)}${t.clipped && t.clipped[i] ? ', clipped' : ''}`].filter(Boolean).join('\n'));
    node.onmouseleave = () => $('tip').hidden = true;
    return node;
  });
  const color = verdictColor[t.verdict] || 'muted';
  return el('div', {class: 'sample'}, el('div', {}, el('span', {class: 'pill', style: `--c:var(--${color})`}, t.verdict)),
    el('div', {class: 'adv'}, el('span', {title: 'reward'}, short(t.reward)), el('div', {class: 'track', title: 'advantage'}, el('i', {style: `--c:var(--${mean >= 0 ? 'green' : 'red'});left:${mean >= 0 ? 50 : 50 - share}%;width:${share}%`})), el('span', {title: 'advantage'}, (mean >= 0 ? '+' : '−') + Math.abs(mean).toFixed(2))),
    el('div', {class: 'answer'}, ...tokens, t.reason ? el('span', {class: 'why'}, t.reason) : null));
}
function tip(e, text) {
  const box = $('tip'), r = e.target.getBoundingClientRect();
  box.textContent = text;
  box.hidden = false;
  box.style.left = Math.min(r.left, innerWidth - box.offsetWidth - 12) + 'px';
  box.style.top = (r.top > box.offsetHeight + 14 ? r.top - box.offsetHeight - 8 : r.bottom + 8) + 'px';
}
if (data.rollouts.length) samples(); else $('samples-section').remove();

// ---- events, recipe, controls
$('events').append(...events.map(e => {
  const {event, time, ...details} = e;
  return el('tr', {}, el('td', {}, new Date(time).toLocaleTimeString()), el('td', {}, event), el('td', {}, Object.entries(details).map(([k, v]) => k === 'message' || k === 'summary' ? v : `${k} ${typeof v === 'object' ? JSON.stringify(v) : v}`).join(', ')));
}));
$('recipe').textContent = data.recipe;
$('smooth').oninput = e => { smoothing = +e.target.value; charts.forEach(c => c.draw()); };
const theme = dark => document.documentElement.dataset.theme = dark ? 'dark' : 'light';
theme(location.hash === '#dark' || location.hash !== '#light' && matchMedia('(prefers-color-scheme: dark)').matches);
$('theme').onclick = () => theme(document.documentElement.dataset.theme !== 'dark');
