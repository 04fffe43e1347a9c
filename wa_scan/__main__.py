"""`python -m wa_scan` is `wa-scan`."""

from wa_scan.cli.main import main

if __name__ == "__main__":
    main()
