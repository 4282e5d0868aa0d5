/** What this device is called until the person says otherwise: browser and system, at most 20 characters (R9). */
export function deviceName(agent: string = navigator.userAgent): string {
	const browser = /Edg\//.test(agent)
		? 'Edge'
		: /Firefox\//.test(agent)
			? 'Firefox'
			: /Chrome\//.test(agent)
				? 'Chrome'
				: /Safari\//.test(agent)
					? 'Safari'
					: 'Browser';
	const system = /Android/.test(agent)
		? 'Android'
		: /iPhone|iPod/.test(agent)
			? 'iPhone'
			: /iPad/.test(agent)
				? 'iPad'
				: /Mac OS X/.test(agent)
					? 'Mac'
					: /Windows/.test(agent)
						? 'Windows'
						: /CrOS/.test(agent)
							? 'ChromeOS'
							: 'Linux';
	return `${browser} · ${system}`.slice(0, 20);
}
