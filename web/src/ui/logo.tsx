/** The banyan: a wide crown, one trunk, and the roots it lets down to grow by. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect class="logo-ground" width="32" height="32" rx="8" />
      <path
        class="logo-tree"
        d="M16 5.2c3 0 5.4 1.5 6.5 3.7 3 .2 5.3 2.5 5.3 5.2 0 2.2-1.7 3.5-3.7 3.5H7.9c-2 0-3.7-1.3-3.7-3.5 0-2.7 2.3-5 5.3-5.2C10.6 6.7 13 5.2 16 5.2z"
      />
      <path
        class="logo-tree"
        d="M14.2 17h3.6c.1 3.9.8 7.2 2.9 9.3.4.4.1 1-.5 1h-8.4c-.6 0-.9-.6-.5-1 2.1-2.1 2.8-5.4 2.9-9.3z"
      />
      <path class="logo-root" d="M8.2 17.5v6.3M11.2 17.5v4.3M20.8 17.5v4.3M23.8 17.5v6.3" />
    </svg>
  );
}
