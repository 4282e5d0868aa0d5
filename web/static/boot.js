// Runs before the first paint: theme and language as this device chose them, so nothing flashes or jumps. The choices live in
// lib/prefs.svelte.ts; what is read here is its mirror. Old browsers get a sentence instead of a white page.
(function () {
	var root = document.documentElement;
	var read = function (key) {
		try {
			return localStorage.getItem(key);
		} catch {
			return null;
		}
	};
	root.dataset.theme = read('theme') || 'system';
	root.lang = read('PARAGLIDE_LOCALE') || (/^de\b/i.test(navigator.language) ? 'de' : 'en');
	if (!('noModule' in HTMLScriptElement.prototype)) root.dataset.old = '';
})();
