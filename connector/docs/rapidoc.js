// The element <rapi-doc spec-url persist-auth>: reads an OpenAPI document and shows every operation with its parameters, body and
// answers, and asks it on request. A small one of our own: nothing is loaded from elsewhere, and all text is set as text.

const KEY = 'rapidoc-api-key';
const STYLE = `
	:host { display: block; font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
	details { border: 1px solid #8884; border-radius: 8px; margin: .4rem 0; padding: .4rem .8rem; }
	summary { cursor: pointer; }
	code, pre, textarea { font: 13px/1.45 ui-monospace, monospace; }
	pre { overflow: auto; background: #8881; padding: .6rem; border-radius: 6px; }
	.method { display: inline-block; width: 4.5rem; font-weight: 700; }
	label { display: block; margin: .3rem 0; }
	input, textarea { width: 100%; box-sizing: border-box; }
`;

/**
 * @param {string} tag
 * @param {Partial<HTMLElement> & Record<string, unknown>} members
 * @param {(Node | string)[]} children
 */
function make(tag, members = {}, children = []) {
	const element = Object.assign(document.createElement(tag), members);
	element.append(...children);
	return element;
}

/** @param {string} label @param {string} value */
function field(label, value = '') {
	const input = /** @type {HTMLInputElement} */ (/** @type {unknown} */ (make('input', { value })));
	return { input, element: make('label', {}, [label, input]) };
}

/** @param {unknown} value */
const shown = (value) => make('pre', { textContent: JSON.stringify(value, null, 2) });

/**
 * @typedef {{ name: string, in: string, required?: boolean, description?: string }} Parameter
 * @typedef {{ summary: string, tags: string[], parameters: Parameter[], requestBody?: { content: Record<string, { schema: unknown }> },
 *   responses: Record<string, { description: string, content?: Record<string, { schema: unknown }> }> }} Operation
 * @typedef {{ info: { title: string, version: string }, paths: Record<string, Record<string, Operation>>,
 *   components: { schemas: Record<string, unknown>, securitySchemes: { ApiKeyAuth: { name: string } } } }} Description
 */

class RapiDoc extends HTMLElement {
	async connectedCallback() {
		const response = await fetch(this.getAttribute('spec-url') ?? '');
		/** @type {Description} */
		const description = await response.json();
		const root = this.attachShadow({ mode: 'open' });
		const key = field(description.components.securitySchemes.ApiKeyAuth.name, this.storage()?.getItem(KEY) ?? '');
		key.input.type = 'password';
		key.input.addEventListener('input', () => this.storage()?.setItem(KEY, key.input.value));
		root.append(
			make('style', { textContent: STYLE }),
			make('h1', { textContent: `${description.info.title} ${description.info.version}` }),
			key.element
		);
		const header = description.components.securitySchemes.ApiKeyAuth.name;
		let tag = '';
		for (const [path, operations] of Object.entries(description.paths))
			for (const [method, operation] of Object.entries(operations)) {
				if (operation.tags[0] !== tag)
					root.append(make('h2', { textContent: (tag = operation.tags[0] ?? '') }));
				root.append(this.operation(path, method, operation, () => ({ [header]: key.input.value })));
			}
		root.append(make('h2', { textContent: 'Schemas' }));
		for (const [name, schema] of Object.entries(description.components.schemas))
			root.append(make('details', {}, [make('summary', { textContent: name }), shown(schema)]));
	}

	/** Where the key is kept: for good when `persist-auth` says so, else until the tab is closed. */
	storage() {
		return this.getAttribute('persist-auth') === 'true' ? localStorage : sessionStorage;
	}

	/**
	 * @param {string} path
	 * @param {string} method
	 * @param {Operation} operation
	 * @param {() => Record<string, string>} auth
	 */
	operation(path, method, { summary, parameters, requestBody, responses }, auth) {
		const inputs = parameters.map((each) => ({
			...each,
			...field(`${each.name} (${each.in})${each.description ? ` – ${each.description}` : ''}`)
		}));
		const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
		const body = /** @type {HTMLTextAreaElement} */ (
			/** @type {unknown} */ (make('textarea', { rows: 8, value: '{}' }))
		);
		const answer = make('pre');
		const ask = async () => {
			const value = (/** @type {string} */ name) => inputs.find((each) => each.name === name)?.input.value ?? '';
			const place = path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(value(name)));
			const query = new URLSearchParams(
				inputs
					.filter((each) => each.in === 'query' && each.input.value !== '')
					.map((each) => [each.name, each.input.value])
			);
			const sent =
				type === 'application/json'
					? { body: body.value, headers: { ...auth(), 'content-type': type } }
					: { headers: auth() };
			const response = await fetch(query.size > 0 ? `${place}?${query}` : place, {
				method: method.toUpperCase(),
				...sent
			});
			answer.textContent = `${response.status}\n${await response.text()}`;
		};
		return make('details', {}, [
			make('summary', {}, [
				make('span', { className: 'method', textContent: method.toUpperCase() }),
				make('code', { textContent: path }),
				` ${summary}`
			]),
			...inputs.map(({ element }) => element),
			...(content === undefined ? [] : [make('h4', { textContent: `Body (${type})` }), shown(content.schema)]),
			...(type === 'application/json' ? [body] : []),
			make('button', { type: 'button', textContent: 'Ask', onclick: () => void ask() }),
			answer,
			...Object.entries(responses).flatMap(([status, { description, content: answered }]) => [
				make('h4', { textContent: `${status} ${description}` }),
				...Object.values(answered ?? {}).map(({ schema }) => shown(schema))
			])
		]);
	}
}

customElements.define('rapi-doc', RapiDoc);
