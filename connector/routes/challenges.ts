/** Challenges (connector-api.md §2.5, §13 row 16): signed texts that show who somebody is. */
import * as v from 'valibot';
import { ok, refuse, toDto } from '../../crdt/index.ts';
import { jsonObject, parseInput, strict } from '../http/schema.ts';
import { id, text } from './input.ts';
import { endpoint } from './route.ts';

const plain = (type: 'Identity' | 'Device') => strict({ challengeType: v.literal(type) });
const SHAPES = {
	Identity: plain('Identity'),
	Device: plain('Device'),
	Relationship: strict({ challengeType: v.literal('Relationship'), relationship: id('REL') })
} as const;
type Type = keyof typeof SHAPES;
const isType = (value: unknown): value is Type => typeof value === 'string' && Object.hasOwn(SHAPES, value);

export const create = endpoint({
	summary: 'Create a signed challenge',
	body: jsonObject,
	run({ engine, body }) {
		const type = body['challengeType'];
		if (!isType(type))
			return refuse(
				'error.runtime.validation.invalidPayload',
				'The given combination of properties in the payload is not supported.'
			);
		const input = parseInput(SHAPES[type], body);
		if (!input.ok) return input;
		const { value } = input;
		return engine.challenges.create(
			'relationship' in value ? { type, relationshipId: value.relationship } : { type }
		);
	}
});

export const validate = endpoint({
	summary: 'Check a challenge somebody signed',
	body: strict({ challengeString: text, signature: text }),
	async run({ engine, body }) {
		const judged = await engine.challenges.validate(body.challengeString, body.signature);
		if (!judged.ok) return judged;
		const { isValid, correspondingRelationship: row } = judged.value;
		return ok({ isValid, ...(row ? { correspondingRelationship: toDto(row) } : {}) });
	}
});
