/** What the operator publishes, asked for over a line or a frame; the same as plain JSON is in app.ts. */
import { decodeChainRecord, isAddressOf, type Cbor } from '@enmeshed/crdt/wire';
import { etagOf, publicationFor } from '../publications.ts';
import { accountOf, done, type Caller, type Ground, type Reading, type SignedIn } from './operation.ts';

/** The address of a signed-in account: its genesis names it, and here it must belong to the root key as well. */
function ownAddress(ground: Ground, caller: Caller): string | undefined {
	const account = caller.account && accountOf(ground, caller as SignedIn);
	const genesis = account && ground.store.chainAfter(account.tag, -1)[0];
	const body = genesis && decodeChainRecord(genesis)?.body;
	if (body?.type !== 0) return undefined;
	return isAddressOf(body.address, body.ik) ? body.address : undefined;
}

export const published: Reading<'published'> = {
	access: 'anonymous',
	kind: 'read',
	answer(ground, caller, { name, etag: known }) {
		const address = name === 'announcements' ? ownAddress(ground, caller) : undefined;
		const value = publicationFor(ground.publications, name, address);
		const etag = etagOf(value);
		return done({ etag, value: etag === known ? undefined : (value as unknown as Cbor) });
	}
};
