/** First in, first out, without moving what waits: taken places are forgotten in one go. */
export interface Queue<T> {
	push(item: T): void;
	shift(): T | undefined;
}

export function createQueue<T>(): Queue<T> {
	let items: (T | undefined)[] = [];
	let head = 0;
	return {
		push: (item) => void items.push(item),
		shift() {
			if (head === items.length) return undefined;
			const item = items[head];
			items[head++] = undefined;
			if (head > 1024 && head * 2 > items.length) {
				items = items.slice(head);
				head = 0;
			}
			return item;
		}
	};
}
