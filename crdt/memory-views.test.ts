import { memoryViews } from './memory-views.ts';
import { keptViews } from './sim/kept-views.ts';
import { viewsSuite, type Turning } from './testing/views-suite.ts';

viewsSuite('in memory', () => {
	const views = memoryViews();
	return { views: () => views, turn: () => undefined };
});

/** Each turn puts another layer on top: all that lies below is untouched from then on. */
const layered = (most: number): Turning => {
	let views = memoryViews();
	let layers = 0;
	return {
		views: () => views,
		turn: () => {
			if (layers++ < most) views = memoryViews(views);
		}
	};
};
viewsSuite('one layer', () => layered(1));
viewsSuite('many layers', () => layered(10));

viewsSuite('kept, as the simulation keeps them', () => {
	const file = { rows: memoryViews() };
	let views = keptViews(file);
	return {
		views: () => views,
		turn: () => {
			views.commit();
			views = keptViews(file);
		}
	};
});
