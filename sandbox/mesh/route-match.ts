// Kuma's request matches in Envoy's words.
import type { HttpMatch } from './kuma-objects.ts';

/** Envoy's RouteMatch. A prefix counts per path element, so `/api` does not match `/apis`. */
export function routeMatch({ path, method, headers, queryParams }: HttpMatch): object {
  const methodHeader = method === undefined ? [] : [{ name: ':method', string_match: { exact: method } }];
  return {
    ...pathMatch(path),
    headers: [...methodHeader, ...headers.map(headerMatch)],
    query_parameters: queryParams.map(({ name, type, value }) => ({
      name,
      string_match: type === 'Exact' ? { exact: value } : { safe_regex: { regex: value } },
    })),
  };
}

const pathMatchers = {
  Exact: (value: string) => ({ path: value }),
  // Envoy wants an element in a separated prefix; the root has none.
  PathPrefix: (value: string) => (value === '/' ? { prefix: '/' } : { path_separated_prefix: value }),
  RegularExpression: (value: string) => ({ safe_regex: { regex: value } }),
};

function pathMatch(path: HttpMatch['path']): object {
  return path === undefined ? { prefix: '/' } : pathMatchers[path.type](path.value);
}

const headerMatchers = {
  Exact: (value: string) => ({ string_match: { exact: value } }),
  Prefix: (value: string) => ({ string_match: { prefix: value } }),
  RegularExpression: (value: string) => ({ string_match: { safe_regex: { regex: value } } }),
  Present: () => ({ present_match: true }),
  Absent: () => ({ present_match: false }),
};

function headerMatch({ name, type, value }: HttpMatch['headers'][number]): object {
  return { name, ...headerMatchers[type](value) };
}
