/** What a link (`/r/…`) shows where no App is served: one page without script that says what it is and what to do. */

const WORDS = {
	de: {
		title: 'Ein Link zu enmeshed',
		what: 'Dieser Link führt zu einem Kontakt oder einer Datei in enmeshed. Der Inhalt ist verschlüsselt; dieser Server kann ihn nicht lesen.',
		how: 'Öffnen Sie die enmeshed App, wählen Sie „Link einfügen“ oder „Code scannen“ und geben Sie die ganze Adresse dieser Seite ein.'
	},
	en: {
		title: 'A link to enmeshed',
		what: 'This link leads to a contact or a file in enmeshed. Its content is encrypted; this server cannot read it.',
		how: 'Open the enmeshed App, choose “Paste link” or “Scan code”, and enter the whole address of this page.'
	}
} as const;

export const LANDING_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** The first of our languages that the browser asks for; English otherwise. */
const languageOf = (accepted: string | undefined): keyof typeof WORDS => {
	const wanted = (accepted ?? '').split(',').map((part) => part.trim().slice(0, 2).toLowerCase());
	return wanted.find((language) => language === 'de' || language === 'en') === 'de' ? 'de' : 'en';
};

export function landingPage(acceptLanguage: string | undefined): string {
	const language = languageOf(acceptLanguage);
	const { title, what, how } = WORDS[language];
	return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><title>${title}</title></head>
<body><main><h1>${title}</h1><p>${what}</p><p>${how}</p></main></body>
</html>
`;
}
