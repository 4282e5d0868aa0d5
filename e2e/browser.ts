/** How Chromium is started: quiet (nothing of its own on the wire) and able to start inside containers. */
export const chromiumArgs: string[] = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	// Whatever would go elsewhere finds no address: a journey that passes needs nobody else.
	'--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1'
];
