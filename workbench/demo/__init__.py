"""The demo: the real program on invented data, with both systems on this machine.

`world` starts an embedded org, a pretend company file with a pretend Web Connector, and `workbench up`;
`story` goes through the cycle; `run` is the command and `summary` its last page.
"""

from workbench.demo.world import demo

__all__ = ["demo"]
