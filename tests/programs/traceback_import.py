import sys
import types
module = types.ModuleType('made')
sys.modules['made'] = module
from made import no_such_name
