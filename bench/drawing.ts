import { importPeer } from './peers.js';

/** What is used of Vega, which draws to a string and needs no browser for that. */
interface Vega {
  parse(spec: object): object;
  View: new (runtime: object, options: { renderer: 'none' }) => { toSVG(): Promise<string>; finalize(): void };
}
interface VegaLite {
  compile(spec: object): { spec: object };
}

/** The page gives the text its colour, so that one drawing is legible on light and on dark. */
const CONFIG = {
  background: 'transparent',
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: 'currentColor',
    titleColor: 'currentColor',
    domainColor: 'var(--rule)',
    tickColor: 'var(--rule)',
    gridColor: 'var(--grid)',
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    titlePadding: 10,
  },
  legend: {
    labelColor: 'currentColor',
    labelFontSize: 12,
    symbolOpacity: 1,
    symbolStrokeWidth: 3,
    symbolSize: 180,
    labelLimit: 400,
  },
};

/** Draws a chart, described in Vega-Lite's terms, as SVG. */
export async function draw(spec: object): Promise<string> {
  const { parse, View } = await importPeer<Vega>('vega');
  const { compile } = await importPeer<VegaLite>('vega-lite');
  const view = new View(parse(compile({ ...spec, config: CONFIG }).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
