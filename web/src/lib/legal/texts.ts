/** The legal texts. Version: TERMS_VERSION in prefs.svelte.ts; raise it with every change of meaning and people are asked again. */
export type LegalName = 'terms' | 'privacy' | 'imprint';
interface Part {
	readonly title: string;
	readonly paragraphs: readonly string[];
}

export const texts: Record<LegalName, Record<'de' | 'en', readonly Part[]>> = {
	terms: {
		en: [
			{
				title: 'What this is',
				paragraphs: [
					'This App keeps your data on your devices, encrypted, and exchanges it with contacts you choose. This is a placeholder text: whoever runs this App for you puts their own terms here.'
				]
			},
			{
				title: 'What you are responsible for',
				paragraphs: [
					'Your keys exist on your devices only. If you lose all of them, nobody can restore your data. Link a second device.',
					'Share only what you may share, and take care of what contacts share with you.'
				]
			},
			{
				title: 'What the operator does',
				paragraphs: [
					'The operator’s relay stores and forwards encrypted packages. It cannot read them. It may limit how much it stores and may stop its service after telling you in time.'
				]
			},
			{
				title: 'Cost and liability',
				paragraphs: [
					'The software is offered under the MIT licence, without warranty. Mandatory consumer rights stay as they are.'
				]
			}
		],
		de: [
			{
				title: 'Worum es geht',
				paragraphs: [
					'Diese App bewahrt deine Daten verschlüsselt auf deinen Geräten auf und tauscht sie mit Kontakten aus, die du auswählst. Dies ist ein Platzhalter: Wer die App für dich betreibt, setzt hier eigene Bedingungen ein.'
				]
			},
			{
				title: 'Wofür du verantwortlich bist',
				paragraphs: [
					'Deine Schlüssel gibt es nur auf deinen Geräten. Verlierst du alle, kann niemand deine Daten wiederherstellen. Verbinde ein zweites Gerät.',
					'Teile nur, was du teilen darfst, und geh sorgsam mit dem um, was Kontakte mit dir teilen.'
				]
			},
			{
				title: 'Was der Betreiber tut',
				paragraphs: [
					'Das Relay des Betreibers speichert verschlüsselte Pakete und leitet sie weiter. Lesen kann es sie nicht. Der Betreiber darf begrenzen, wie viel er speichert, und den Dienst nach rechtzeitiger Ankündigung beenden.'
				]
			},
			{
				title: 'Kosten und Haftung',
				paragraphs: [
					'Die Software steht unter der MIT-Lizenz, ohne Gewährleistung. Zwingende Verbraucherrechte bleiben unberührt.'
				]
			}
		]
	},
	privacy: {
		en: [
			{
				title: 'On your device',
				paragraphs: [
					'Names, entries, contacts, messages and requests are stored in this browser, encrypted with a key that never leaves it. Theme and language are stored unencrypted.'
				]
			},
			{
				title: 'At the relay',
				paragraphs: [
					'The relay sees encrypted packages, their size and the time they arrive, pseudonyms of mailboxes, and the network address you connect from. It does not see who you are, who your contacts are or what you write.',
					'The operator adds here how long packages and connection logs are kept, and who answers your questions.'
				]
			},
			{
				title: 'With your contacts',
				paragraphs: [
					'A contact receives exactly what you confirmed before sharing, and keeps it under their own responsibility. You can see at any time who holds which entry.'
				]
			},
			{ title: 'Nobody else', paragraphs: ['No analytics, no advertising, no third-party services.'] }
		],
		de: [
			{
				title: 'Auf deinem Gerät',
				paragraphs: [
					'Namen, Einträge, Kontakte, Nachrichten und Anfragen liegen in diesem Browser, verschlüsselt mit einem Schlüssel, der ihn nie verlässt. Darstellung und Sprache liegen unverschlüsselt vor.'
				]
			},
			{
				title: 'Beim Relay',
				paragraphs: [
					'Das Relay sieht verschlüsselte Pakete, ihre Größe und Ankunftszeit, Pseudonyme von Postfächern und die Netzadresse, von der du dich verbindest. Es sieht nicht, wer du bist, wer deine Kontakte sind oder was du schreibst.',
					'Der Betreiber ergänzt hier, wie lange Pakete und Verbindungsprotokolle aufbewahrt werden und wer deine Fragen beantwortet.'
				]
			},
			{
				title: 'Bei deinen Kontakten',
				paragraphs: [
					'Ein Kontakt erhält genau das, was du vor dem Teilen bestätigt hast, und bewahrt es in eigener Verantwortung auf. Du siehst jederzeit, wer welchen Eintrag hat.'
				]
			},
			{ title: 'Sonst niemand', paragraphs: ['Keine Auswertung, keine Werbung, keine Dienste Dritter.'] }
		]
	},
	imprint: {
		en: [
			{
				title: 'Operator',
				paragraphs: ['Placeholder: name, address and contact of whoever runs this App stand here.']
			},
			{
				title: 'Software',
				paragraphs: [
					'enmeshed, local-first. MIT licence. Inter typeface: SIL Open Font License 1.1. Icons: Lucide, ISC licence.'
				]
			}
		],
		de: [
			{
				title: 'Betreiber',
				paragraphs: ['Platzhalter: Hier stehen Name, Anschrift und Kontakt dessen, der diese App betreibt.']
			},
			{
				title: 'Software',
				paragraphs: [
					'enmeshed, local-first. MIT-Lizenz. Schrift Inter: SIL Open Font License 1.1. Symbole: Lucide, ISC-Lizenz.'
				]
			}
		]
	}
};
