export const match = (param: string): boolean => ['person', 'address', 'contact', 'more'].includes(param);
