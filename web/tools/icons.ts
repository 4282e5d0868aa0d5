/** Makes the PNG icons from static/icons/icon.svg: `node web/tools/icons.ts`. Run after changing the SVG; the PNGs are committed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright';

const folder = new URL('../static/icons/', import.meta.url);
const svg = readFileSync(new URL('icon.svg', folder), 'utf8');
/** Maskable: systems cut a circle or a drop out of it, so the picture is smaller and the paper goes to the edge. */
const icons = [
	{ name: 'icon-192.png', size: 192, scale: 1, round: true },
	{ name: 'icon-512.png', size: 512, scale: 1, round: true },
	{ name: 'maskable-512.png', size: 512, scale: 0.86, round: false }
];

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
for (const { name, size, scale, round } of icons) {
	const page = await browser.newPage({ viewport: { width: size, height: size } });
	const picture = round ? svg : svg.replace(/rx="14"/, 'rx="0"');
	await page.setContent(
		`<style>body{margin:0;display:grid;place-items:center;height:100vh;background:${round ? 'transparent' : '#f3f0eb'}}svg{width:${size * scale}px;display:block}</style>${picture}`
	);
	writeFileSync(new URL(name, folder), await page.screenshot({ omitBackground: round }));
	await page.close();
}
await browser.close();
