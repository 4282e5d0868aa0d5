/** The number on the App's icon, where the system shows one. */
export function setBadge(count: number): void {
	if (!('setAppBadge' in navigator)) return;
	void (count ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => undefined);
}
