import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Chart, chartsOf } from './charts.js';
import { draw } from './drawing.js';
import { type FigureName, figure, format } from './figures.js';
import type { Line } from './lines.js';
import { valuesOf } from './lines.js';
import type { Results, TrialResult } from './results.js';
import { spread } from './statistics.js';
import { cellsOf, HEAD } from './table.js';

const json = new URL('../../bench/report.json', import.meta.url);
const page = new URL('../../bench/report.html', import.meta.url);
const style = new URL('../../bench/report.css', import.meta.url);

/** Writes the results, and a page of them that needs nothing else; says where the page is. */
export async function writeReport(results: Results): Promise<string> {
  writeFileSync(json, JSON.stringify(results, undefined, 2));
  writeFileSync(page, await pageOf(results));
  return fileURLToPath(page);
}

async function pageOf(results: Results): Promise<string> {
  const charts: string[] = [];
  for (const chart of chartsOf(results)) charts.push(await figureOf(chart));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>offthread: the bench</title>
<style>${readFileSync(style, 'utf8')}</style>
</head>
<body>
<h1>offthread: the bench</h1>
<p>${summary(results)}</p>
${machineOf(results)}
<h2>Ratios and targets</h2>
${tableOf(results.lines)}
${results.trials.flatMap(({ advice }) => (advice ? [`<p>${escaped(advice)}</p>`] : [])).join('\n')}
<h2>Charts</h2>
${charts.join('\n')}
<h2>Every contender</h2>
${results.trials.map(contendersOf).join('\n')}
</body>
</html>
`;
}

function summary({ lines, runs, seconds }: Results): string {
  const withGoal = lines.filter(({ goal }) => goal);
  const count = (...verdicts: string[]) => withGoal.filter(({ verdict }) => verdicts.includes(verdict)).length;
  return `Of ${withGoal.length} targets ${count('reached', 'aim reached')} are reached, ${count('aim reached')} of them as far as we aim, and ${count('missed')} are missed. Each contender ran ${timesOf(runs)}, for about ${seconds} s, in a process of its own, in turns with the others. Figures are medians (least … most); a ratio is the median of the ratios of each round.`;
}

const timesOf = (runs: number): string => (runs === 1 ? 'once' : `${runs} times`);

function machineOf({ machine, date }: Results): string {
  const facts = {
    processor: `${machine.processor}, ${machine.cores} ${machine.cores === 1 ? 'core' : 'cores'}`,
    memory: machine.memory,
    system: machine.system,
    'file system': machine.fileSystem,
    Node: machine.node,
    SQLite: machine.sqlite,
    date: `${date.slice(0, 16).replace('T', ' ')} UTC`,
    'load before': String(machine.load),
  };
  const items = Object.entries(facts).map(([name, value]) => `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`);
  return `<dl>${items.join('')}</dl>`;
}

function tableOf(lines: readonly Line[]): string {
  const rows = lines.map((line, i) => {
    const isFirst = line.trial !== lines[i - 1]?.trial;
    const [trial = '', ...cells] = cellsOf(line).map(escaped);
    const verdict = cells.pop() ?? '';
    const columns = cells.map((cell) => `<td>${cell}</td>`).join('');
    const name = isFirst ? `<b>${trial}</b><br><small>${escaped(line.title)}</small>` : '';
    const mark = `<td><span class="${verdict.replace(' ', '-')}">${verdict}</span></td>`;
    return `<tr${isFirst ? ' class="first"' : ''}><th scope="row">${name}</th>${columns}${mark}</tr>`;
  });
  const head = HEAD.map((title) => `<th scope="col">${title}</th>`).join('');
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

async function figureOf({ title, caption, spec }: Chart): Promise<string> {
  return `<figure><h3>${escaped(title)}</h3>${await draw(spec)}<figcaption>${escaped(caption)}</figcaption></figure>`;
}

function contendersOf({ name, title, contenders }: TrialResult): string {
  const names = Object.keys(contenders[0]?.runs[0]?.figures ?? {}) as FigureName[];
  const shared = names.filter((each) => contenders.every(({ runs }) => runs.every(({ figures }) => each in figures)));
  const head = ['contender', ...shared.map((each) => figure(each).label)].map((text) => `<th scope="col">${text}</th>`);
  const rows = contenders.map((contender) => {
    const cells = shared.map((each) => {
      const { median, min, max } = spread(valuesOf(contender, each));
      return `<td>${format(each, median)}<br><small>${format(each, min)} … ${format(each, max)}</small></td>`;
    });
    return `<tr class="first"><th scope="row">${escaped(contender.title)}</th>${cells.join('')}</tr>`;
  });
  return `<details><summary><b>${name}</b> ${escaped(title)}</summary><div class="wide"><table><thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div></details>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
