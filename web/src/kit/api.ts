import {
  keepPreviousData,
  QueryCache,
  QueryClient,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { createClient } from '../../../src/client/client.ts';
import type { Endpoint, EndpointCall, EndpointResult } from '../../../src/model/endpoint.ts';
import { Failure } from '../../../src/model/errors.ts';

export const client = createClient();

export function isSignedOut(error: unknown): boolean {
  return error instanceof Failure && error.kind === 'unauthenticated';
}

/** One cache for all pages. A session that ended anywhere is noticed everywhere. */
export function createQueryClient(): QueryClient {
  const queries = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (!isSignedOut(error) || query.queryKey[1] === '/api/v1/session') return;
        void queries.invalidateQueries({ queryKey: ['GET', '/api/v1/session'] });
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        // Only silence is worth asking again: a refusal would be refused again.
        retry: (times, error) =>
          times < 2 && error instanceof Failure && error.code === 'no-answer',
        refetchOnWindowFocus: true,
      },
    },
  });
  return queries;
}

type Options<T> = {
  /** Milliseconds between reads while the page is looked at; may end with what was read. */
  readonly every?: number | false | ((data: T | undefined) => number | false);
  readonly isOff?: boolean;
  /** Shows the last answer until the next is there: for filters and pages of a list. */
  readonly keeps?: boolean;
  /** What never changes is read once. */
  readonly isFixed?: boolean;
};

/** Reads an endpoint; equal calls share one answer. */
export function useApi<E extends Endpoint>(
  endpoint: E,
  call: EndpointCall<E>,
  options: Options<EndpointResult<E>> = {},
): UseQueryResult<EndpointResult<E>, Error> {
  const { every = false } = options;
  return useQuery<EndpointResult<E>, Error>({
    queryKey: [endpoint.method, endpoint.path, call],
    queryFn: () => client(endpoint, call),
    enabled: options.isOff !== true,
    refetchInterval: typeof every === 'function' ? ({ state }) => every(state.data) : every,
    ...(options.isFixed === true ? { staleTime: Number.POSITIVE_INFINITY } : {}),
    ...(options.keeps === true ? { placeholderData: keepPreviousData } : {}),
  });
}

/** Calls an endpoint that changes something; every page then reads anew. */
export function useAct<E extends Endpoint>(
  endpoint: E,
): UseMutationResult<EndpointResult<E>, Error, EndpointCall<E>> {
  const queries = useQueryClient();
  return useMutation<EndpointResult<E>, Error, EndpointCall<E>>({
    mutationFn: (call) => client(endpoint, call),
    onSuccess: () => {
      void queries.invalidateQueries();
    },
  });
}
