/** 20 characters: an upper-case prefix and base62 (content-model.md §0). */
export const match = (param: string): boolean => /^[A-Z]{3,6}[A-Za-z0-9]{8,24}$/.test(param);
