export const match = (param: string): boolean => /^[A-Z][A-Za-z]{2,40}$/.test(param);
