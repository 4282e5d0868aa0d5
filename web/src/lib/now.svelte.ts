/** What time it is, as far as a screen cares: moves every half minute, so "5 min ago" and "expired" do not stand still. */
import { browser } from '$app/environment';

let ms = $state(Date.now());
if (browser) setInterval(() => (ms = Date.now()), 30_000);

export const now = (): number => ms;
