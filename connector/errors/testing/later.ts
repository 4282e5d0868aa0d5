/** Preloaded into a process (`--import`) that is to live later than it is: its clock is ahead by `LATER_MS`. */
const ahead = Number(process.env['LATER_MS'] ?? 0);
const Real = Date;
const now = () => Real.now() + ahead;

globalThis.Date = new Proxy(Real, {
	construct: (_, args: readonly unknown[]) =>
		Reflect.construct(Real, args.length === 0 ? [now()] : [...args]) as object,
	get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown))
});
