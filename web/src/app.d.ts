declare global {
	namespace App {
		interface PageState {
			/** Id of the sheet that lies on top; the back button takes it away. */
			sheet?: string;
		}
		interface Error {
			message: string;
			/** Which explanation of /problem fits. */
			cause?: string;
		}
	}
}

export {};
